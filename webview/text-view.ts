/** A body as text, a page at a time; the last page grows at its end. */
import { textCut } from "../content/text-cut.ts";
import { gapText } from "../protocol/reasons.ts";
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Find, Found, Place, Reading } from "./content-view.ts";
import { h } from "./dom.ts";
import { clip } from "./extents.ts";
import { wholeGap, type Gap } from "./gaps.ts";
import { goTo, rangeOf } from "./marks.ts";
import { Pager } from "./pager.ts";
import { TextDecoding } from "./text.ts";

const pageSize = 256 * 1024;
/** Bytes before a page in which a line's end is looked for, that it may begin there. */
const lineLimit = 4 * 1024;

/** Text or a gap that is drawn, and where its bytes begin. */
type Piece = { start: number; node: Text } | { start: number; gap: Gap; mark: HTMLElement };

export class TextView implements ContentView {
  readonly element = h("div", {});
  readonly #text = h("pre", { class: "text", tabindex: "0" });
  readonly #pager: Pager;
  readonly #bytes: BodyBytes;
  readonly #charset: string;
  readonly #reading: Reading;
  readonly #changed: () => Promise<void>;
  readonly #find: Find;
  #decoding: TextDecoding;
  #page = -1;
  /** What was known of the bytes that are drawn. */
  #knowledge = "";
  #pieces: Piece[] = [];

  /** `reading` is kept up to date; `changed` shows what it says now. `find`: finds in these bytes. */
  constructor(bytes: BodyBytes, charset: string, reading: Reading, changed: () => Promise<void>, find: Find) {
    this.#bytes = bytes;
    this.#charset = charset;
    this.#reading = reading;
    this.#changed = changed;
    this.#find = find;
    this.#decoding = new TextDecoding(charset);
    this.#pager = new Pager((page) => this.#turn(page));
    this.element.append(this.#text, this.#pager.element);
  }

  async update(): Promise<void> {
    const { body, extents } = this.#bytes;
    const pages = Math.max(1, Math.ceil(body.size / pageSize));
    const page = Math.min(this.#reading.textPage, pages - 1);
    const start = await this.#startOf(page);
    const end = page + 1 < pages ? await this.#startOf(page + 1) : body.size;
    if (page !== this.#page || this.#knowledgeFrom(start) !== this.#knowledge) this.#begin(page, start);
    // What is drawn already stays, also where the next page begins before its end.
    const from = this.#decoding.at;
    const bytes = await this.#bytes.read(from, Math.max(from, end));
    const more = from + bytes.length < body.size || body.end !== "complete";
    for (const part of this.#decoding.take(bytes, extents, more))
      if (part.kind === "text") this.#appendText(part.text, part.start);
      else this.#appendGap(wholeGap(part.gap, extents), part.gap.start);
    this.#knowledge = this.#knowledgeFrom(start);
    this.#pager.show(page, pages);
  }

  async show({ start, end }: Place): Promise<boolean> {
    let page = Math.min(Math.floor(start / pageSize), Math.ceil(this.#bytes.body.size / pageSize) - 1);
    // A page begins and ends with a line, and not just where its number has it.
    if ((await this.#startOf(page + 1)) <= start) page++;
    if (page !== this.#page) {
      this.#reading.textPage = page;
      await this.#changed();
    }
    const range = await this.#rangeAt(start, end);
    if (range !== undefined) goTo(range);
    return range !== undefined;
  }

  find(text: string, signal: AbortSignal): Promise<Found> {
    return this.#find(text, signal);
  }

  #turn(page: number): void {
    this.#reading.textPage = page;
    void this.#changed();
    this.element.scrollIntoView();
  }

  /** Where a page begins, in bytes. */
  async #startOf(page: number): Promise<number> {
    const end = page * pageSize;
    if (end === 0 || end > this.#bytes.body.size) return Math.min(end, this.#bytes.body.size);
    const before = await this.#bytes.read(end - lineLimit, end);
    return end - lineLimit + textCut(before, this.#charset);
  }

  #knowledgeFrom(start: number): string {
    return JSON.stringify([start, clip(this.#bytes.extents, start, this.#decoding.at)]);
  }

  /** Another page; or what was shown isn't true any more, as a part was given up, or has come late. */
  #begin(page: number, start: number): void {
    this.#text.replaceChildren();
    this.#page = page;
    this.#decoding = new TextDecoding(this.#charset, start);
    this.#pieces = [];
  }

  #appendText(text: string, start: number): void {
    const last = this.#pieces.at(-1);
    // In place: a node of its own for each piece would make thousands.
    if (last !== undefined && "node" in last) return last.node.appendData(text);
    const node = document.createTextNode(text);
    this.#text.append(node);
    this.#pieces.push({ start, node });
  }

  #appendGap(gap: Gap, start: number): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && "gap" in last && last.gap.start === gap.start) {
      last.gap = gap;
      last.mark.textContent = gapText(gap);
      return;
    }
    const mark = h("span", { class: "gap" }, gapText(gap));
    this.#text.append(mark);
    this.#pieces.push({ start, gap, mark });
  }

  /** Where the bytes `[start, end)` are drawn. */
  async #rangeAt(start: number, end: number): Promise<Range | undefined> {
    const piece = this.#pieces.findLast((each) => each.start <= start);
    if (piece === undefined) return undefined;
    if ("gap" in piece) return rangeOf(piece.mark);
    const lengthTo = async (to: number) => {
      const [part] = new TextDecoding(this.#charset, piece.start).take(
        await this.#bytes.read(piece.start, to),
        this.#bytes.extents,
        false,
      );
      return part?.kind === "text" ? Math.min(part.text.length, piece.node.length) : 0;
    };
    const range = document.createRange();
    range.setStart(piece.node, await lengthTo(start));
    range.setEnd(piece.node, await lengthTo(end));
    return range;
  }
}
