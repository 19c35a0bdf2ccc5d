/** A body as a hex dump, a page at a time; the last page grows at its end. */
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Find, Found, Place, Reading } from "./content-view.ts";
import { h } from "./dom.ts";
import { cellOf, hexLines, type HexLine } from "./hex.ts";
import { goTo, rangeOf } from "./marks.ts";
import { Pager } from "./pager.ts";

const pageSize = 16 * 1024;

export class HexView implements ContentView {
  readonly element = h("div", {});
  readonly #pager: Pager;
  readonly #dump = h("div", { class: "hex", tabindex: "0", role: "region", "aria-label": "Hex dump" });
  readonly #bytes: BodyBytes;
  readonly #reading: Reading;
  readonly #find: Find;
  readonly #changed: () => Promise<void>;
  #lines: HexLine[] = [];
  #texts: string[] = [];

  /** As of TextView. */
  constructor(bytes: BodyBytes, reading: Reading, changed: () => Promise<void>, find: Find) {
    this.#bytes = bytes;
    this.#reading = reading;
    this.#find = find;
    this.#changed = changed;
    this.#pager = new Pager((page) => {
      reading.hexPage = page;
      void changed();
    });
    this.element.append(this.#pager.element, this.#dump);
  }

  async update(): Promise<void> {
    const { extents } = this.#bytes;
    const pages = Math.ceil(this.#bytes.body.size / pageSize);
    const page = Math.min(this.#reading.hexPage, pages - 1);
    const start = page * pageSize;
    const bytes = await this.#bytes.read(start, start + pageSize);
    this.#draw(hexLines(bytes, start, extents));
    this.#pager.show(page, pages);
  }

  async show({ start, end }: Place): Promise<boolean> {
    const page = Math.floor(start / pageSize);
    if (page !== this.#reading.hexPage) {
      this.#reading.hexPage = page;
      await this.#changed();
    }
    const first = this.#lines.findIndex((line) => line.start <= start && start < line.end);
    const element = this.#dump.children[first];
    if (element === undefined) return false;
    if (this.#lines[first]?.kind === "gap") {
      goTo(rangeOf(element));
      return true;
    }
    // What goes on on the next page is marked as far as it is on this one.
    const last = this.#lines.findLastIndex((line) => line.kind === "row" && line.start < end);
    const range = document.createRange();
    const cells = (line: number) => this.#dump.children[line]?.querySelector(".bytes")?.firstChild;
    range.setStart(cells(first)!, cellOf(start));
    range.setEnd(cells(last)!, cellOf(Math.min(end, this.#lines[last]!.end) - 1) + 2);
    goTo(range);
    return true;
  }

  find(text: string, signal: AbortSignal): Promise<Found> {
    return this.#find(text, signal);
  }

  /** Leaves the lines that stay the same where they are. */
  #draw(lines: HexLine[]): void {
    const texts = lines.map((line) => JSON.stringify(line));
    let same = 0;
    while (same < texts.length && texts[same] === this.#texts[same]) same++;
    while (this.#dump.childElementCount > same) this.#dump.lastElementChild?.remove();
    this.#dump.append(...lines.slice(same).map(lineElement));
    this.#lines = lines;
    this.#texts = texts;
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
