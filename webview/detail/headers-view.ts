/** The headers of a message, which can be looked through and copied. */
import type { Header } from "../../protocol/exchange.ts";
import { h, iconButton } from "../dom.ts";
import { copy } from "./extension-link.ts";
import { headerRow } from "../headers.ts";
import type { Openings, SectionName } from "./openings.ts";
import { Section } from "./section.ts";

/** So many are seen at a glance. */
const atAGlance = 10;
/** Names that the title gives. */
const named = 3;

export class HeadersView {
  readonly section: Section;
  readonly #title: string;
  readonly #search: HTMLInputElement;
  readonly #found = h("span", { class: "note", role: "status" });
  readonly #tools: HTMLElement;
  readonly #rows = h("tbody", {});
  readonly #none = h("p", { class: "note" }, "No headers.");
  /** Why there are no more. */
  readonly #cut = h("p", { class: "note" });
  #headers: readonly Header[] = [];

  constructor(name: SectionName, title: string, openings: Openings) {
    this.#title = title;
    this.#search = h("input", { type: "search", oninput: () => this.#filter() });
    const copyAll = iconButton("copy", `Copy all ${title.toLowerCase()}`, () =>
      copy(headersText(this.#headers)),
    );
    this.#tools = h("div", { class: "tools" }, this.#search, this.#found, copyAll);
    const table = h("table", { class: "headers", "aria-label": title }, this.#rows);
    this.section = new Section(name, title, openings, this.#tools, this.#none, table, this.#cut);
  }

  /** Headers as they were sent: their order, their case, and each of a repeated name. `cut`: why there are no more. */
  update(headers: readonly Header[], cut?: string): void {
    this.#headers = headers;
    this.#cut.textContent = cut === undefined ? "" : `No more than these: ${cut}.`;
    this.#cut.hidden = cut === undefined;
    const names = headers.slice(0, named).map(([name]) => name);
    const gist = `${names.join(", ")}${headers.length > named ? "…" : ""}`;
    this.section.say(gist || "none", headers.length === 0 ? "" : String(headers.length));
    this.#none.hidden = headers.length > 0;
    this.#tools.hidden = headers.length === 0;
    const isLong = headers.length > atAGlance;
    this.#search.hidden = !isLong;
    const words = `Find in ${headers.length} ${this.#title.toLowerCase()}`;
    this.#search.placeholder = words;
    this.#search.setAttribute("aria-label", words);
    this.#rows.replaceChildren(...headers.map((header) => headerRow(header, copyButton(header))));
    this.#filter();
  }

  /** Of the name and the value, as they are read: `name: value`. */
  #filter(): void {
    const wanted = this.#search.value.toLowerCase();
    let found = 0;
    for (const [i, header] of this.#headers.entries()) {
      const isFound = lineText(header).toLowerCase().includes(wanted);
      this.#rows.children[i]?.toggleAttribute("hidden", !isFound);
      if (isFound) found++;
    }
    this.#found.textContent = wanted === "" ? "" : `${found} of ${this.#headers.length}`;
  }
}

function copyButton([name, value]: Header): HTMLButtonElement {
  return iconButton("copy", `Copy the value of ${name}`, () => copy(value));
}

function lineText([name, value]: Header): string {
  return `${name}: ${value}`;
}

function headersText(headers: readonly Header[]): string {
  return headers.map((header) => `${lineText(header)}\n`).join("");
}
