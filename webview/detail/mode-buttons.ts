/** The ways to show a body, as buttons. */
import { h, keepFocus } from "../dom.ts";
import { modeText, type Mode } from "../content/modes.ts";

export class ModeButtons {
  readonly element = h("span", { class: "modes", role: "group", "aria-label": "Show the body as" });
  readonly #choose: (mode: Mode) => void;
  #shown = "";

  constructor(choose: (mode: Mode) => void) {
    this.#choose = choose;
  }

  show(modes: readonly Mode[], pressed: Mode): void {
    const shown = JSON.stringify([modes, pressed]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const button = (mode: Mode) => {
      const attributes = { type: "button", "aria-pressed": String(mode === pressed) };
      return h("button", { ...attributes, onclick: () => this.#choose(mode) }, modeText[mode]);
    };
    keepFocus(this.element, () => this.element.replaceChildren(...modes.map(button)));
  }
}
