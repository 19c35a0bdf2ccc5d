/** Turns the pages of what is too long to be drawn at once. Nothing is seen of it where there is one page. */
import { h, keepFocus } from "../dom.ts";

export class Pager {
  readonly element = h("div", { class: "pager", role: "group", "aria-label": "Pages" });
  readonly #turn: (page: number) => void;
  #shown = "";

  constructor(turn: (page: number) => void) {
    this.#turn = turn;
  }

  /** `page` from 0. */
  show(page: number, pages: number): void {
    const shown = JSON.stringify([page, pages]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    keepFocus(this.element, () =>
      this.element.replaceChildren(...(pages > 1 ? this.#nodes(page, pages) : [])),
    );
  }

  #nodes(page: number, pages: number): Node[] {
    const button = (label: string, to: number) => {
      const disabled = to < 0 || to >= pages || to === page;
      return h("button", { type: "button", disabled, onclick: () => this.#turn(to) }, label);
    };
    const count = (number: number) => number.toLocaleString("en-US");
    return [
      button("First", 0),
      button("Previous", page - 1),
      h("span", { role: "status" }, `Page ${count(page + 1)} of ${count(pages)}`),
      button("Next", page + 1),
      button("Last", pages - 1),
    ];
  }
}
