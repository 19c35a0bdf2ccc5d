/** Builds elements. Strings become text nodes, never markup: what was captured can't become part of the page. */
type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** `on…` attributes are listeners, e.g. `onclick`; `true` sets an attribute without value, `false` leaves it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function note(text: string): HTMLElement {
  return h("p", { class: "note" }, text);
}

/** `change` makes the buttons of `element` anew: the keyboard stays on the one of the same name. */
export function keepFocus(element: HTMLElement, change: () => void): void {
  const focused = document.activeElement;
  const label =
    focused instanceof HTMLButtonElement && element.contains(focused) ? focused.textContent : undefined;
  change();
  if (label === undefined) return;
  [...element.querySelectorAll("button")].find((button) => button.textContent === label)?.focus();
}

/** One of VS Code's icons. It says nothing to a screen reader: the word beside it does. */
export function icon(name: string): HTMLElement {
  return h("span", { class: `codicon codicon-${name}`, "aria-hidden": "true" });
}

/** A button of which only the icon is seen. */
export function iconButton(name: string, title: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "icon", title, "aria-label": title, onclick }, icon(name));
}
