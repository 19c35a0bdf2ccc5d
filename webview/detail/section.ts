/** A part of the page that opens and closes. Closed, its title says the gist. */
import { h } from "../dom.ts";
import type { Openable, Openings, SectionName } from "./openings.ts";

export class Section implements Openable {
  readonly name: SectionName;
  readonly element: HTMLDetailsElement;
  isNeeded = false;
  readonly #count = h("span", { class: "count" });
  readonly #gist = h("span", { class: "gist" });

  constructor(name: SectionName, title: string, openings: Openings, ...content: Node[]) {
    this.name = name;
    const choose = () => openings.choose(this, !this.element.open);
    this.element = h(
      "details",
      { class: `section ${name}` },
      h("summary", { onclick: choose }, h("h2", {}, title), this.#count, this.#gist),
      h("div", { class: "inner" }, ...content),
    );
    openings.add(this);
  }

  /** `count`: stands beside the title always; `gist`: only while it is closed. */
  say(gist: string, count = ""): void {
    // What is the same stays in place, and with it what is selected there.
    if (this.#gist.textContent !== gist) this.#gist.textContent = gist;
    if (this.#count.textContent !== count) this.#count.textContent = count;
  }
}
