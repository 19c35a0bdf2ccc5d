/** A body as a hex dump, a page at a time; the last page grows at its end. */
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Reading } from "./content-view.ts";
import { h, keepFocus } from "./dom.ts";
import { hexLines, type HexLine } from "./hex.ts";

const pageSize = 16 * 1024;

export class HexView implements ContentView {
  readonly element = h("div", {});
  readonly #pager = h("div", { class: "pager" });
  readonly #dump = h("div", { class: "hex", tabindex: "0", role: "region", "aria-label": "Hex dump" });
  readonly #bytes: BodyBytes;
  readonly #reading: Reading;
  readonly #changed: () => void;
  #lines: string[] = [];

  constructor(bytes: BodyBytes, reading: Reading, changed: () => void) {
    this.#bytes = bytes;
    this.#reading = reading;
    this.#changed = changed;
    this.element.append(this.#pager, this.#dump);
  }

  async update(): Promise<void> {
    const { extents } = this.#bytes;
    const pages = Math.ceil(this.#bytes.body.size / pageSize);
    const page = Math.min(this.#reading.page, pages - 1);
    const start = page * pageSize;
    const bytes = await this.#bytes.read(start, start + pageSize);
    this.#show(hexLines(bytes, start, extents));
    keepFocus(this.#pager, () =>
      this.#pager.replaceChildren(...(pages > 1 ? this.#pagerNodes(page, pages) : [])),
    );
  }

  /** Leaves the lines that stay the same where they are. */
  #show(lines: HexLine[]): void {
    const texts = lines.map((line) => JSON.stringify(line));
    let same = 0;
    while (same < texts.length && texts[same] === this.#lines[same]) same++;
    while (this.#dump.childElementCount > same) this.#dump.lastElementChild?.remove();
    this.#dump.append(...lines.slice(same).map(lineElement));
    this.#lines = texts;
  }

  #pagerNodes(page: number, pages: number): Node[] {
    const button = (label: string, to: number) => {
      const turn = () => {
        this.#reading.page = to;
        this.#changed();
      };
      const disabled = to < 0 || to >= pages || to === page;
      return h("button", { type: "button", disabled, onclick: turn }, label);
    };
    return [
      button("First", 0),
      button("Previous", page - 1),
      h("span", { role: "status" }, `Page ${page + 1} of ${pages}`),
      button("Next", page + 1),
      button("Last", pages - 1),
    ];
  }
}

function lineElement(line: HexLine): HTMLElement {
  if (line.kind !== "row") return h("div", { class: line.kind }, line.text);
  return h(
    "div",
    { class: "row" },
    h("span", { class: "offset" }, line.offset),
    h("span", { class: "bytes" }, line.hex),
    h("span", { class: "ascii" }, line.ascii),
  );
}
