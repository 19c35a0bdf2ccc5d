/** Tabs as the ARIA practices describe them: one stop of the Tab key, arrows move between them. */
import { h } from "../dom.ts";

export interface Tab {
  id: string;
  title: string;
  panel: HTMLElement;
  /** Stands beside the title. */
  fact: string | Node;
}

/** `chosen` hears of each choice. */
export function tabs(all: Tab[], first: string, chosen: (id: string) => void): HTMLElement {
  const buttons = all.map(({ id, title, fact }) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${id}`,
        "aria-controls": `panel-${id}`,
        onclick: () => choose(id),
      },
      title,
      " ",
      fact,
    ),
  );
  const panels = all.map(({ id, panel }) =>
    h("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` }, panel),
  );
  const choose = (id: string) => {
    for (const [i, tab] of all.entries()) {
      const selected = tab.id === id;
      buttons[i]?.setAttribute("aria-selected", String(selected));
      buttons[i]?.setAttribute("tabindex", selected ? "0" : "-1");
      panels[i]?.toggleAttribute("hidden", !selected);
    }
    chosen(id);
  };
  const move = (event: Event) => {
    const step = event instanceof KeyboardEvent ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : undefined;
    const at = buttons.findIndex((button) => button === event.target);
    const next =
      step === undefined || at < 0 ? undefined : buttons[(at + step + buttons.length) % buttons.length];
    next?.focus();
    next?.click();
  };
  const list = h(
    "div",
    { role: "tablist", "aria-label": "Parts of the exchange", onkeydown: move },
    ...buttons,
  );
  choose(first);
  return h("div", {}, list, ...panels);
}
