/** A body as JSON, indented once it has come, as far as it goes without a gap; as its text until then. */
import { findable } from "../../content/find-text.ts";
import { prettyBeginning, prettyJson } from "../../content/json.ts";
import { gapText } from "../../protocol/reasons.ts";
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Found, Place, Reading } from "./content-view.ts";
import { h, note } from "../dom.ts";
import { wholeGap } from "./gaps.ts";
import { colour } from "./json-colours.ts";
import { pagesOf, type Page, type TextOrGap } from "./json-pages.ts";
import { goTo, rangeOf } from "./marks.ts";
import { Pager } from "./pager.ts";
import type { TextView } from "./text-view.ts";
import { TextDecoding } from "./text.ts";

/** In bytes: what is longer is shown as it was sent. */
const prettyLimit = 2 * 1024 * 1024;
const mostFound = 10_000;

/** Indented as far as it goes on without a gap, then as it was sent. */
interface Json {
  parts: TextOrGap[];
  isWhole: boolean;
  note: string;
}

export class JsonView implements ContentView {
  readonly element = h("div", {});
  readonly #bytes: BodyBytes;
  readonly #charset: string;
  readonly #reading: Reading;
  readonly #changed: () => Promise<void>;
  readonly #asSent: TextView;
  readonly #pager: Pager;
  readonly #text = h("pre", { class: "text", tabindex: "0" });
  readonly #note = note("");
  #json: Json | undefined;
  #pages: Page[] = [];
  #drawn: Page | undefined;
  /** What was known of the body when it was read. */
  #knowledge = "";

  /** `asSent`: shows the same bytes. `reading`, `changed`: as of TextView. */
  constructor(
    bytes: BodyBytes,
    charset: string,
    reading: Reading,
    changed: () => Promise<void>,
    asSent: TextView,
  ) {
    this.#bytes = bytes;
    this.#charset = charset;
    this.#reading = reading;
    this.#changed = changed;
    this.#asSent = asSent;
    this.#pager = new Pager((page) => {
      reading.textPage = page;
      void changed();
      this.element.scrollIntoView();
    });
  }

  async update(): Promise<void> {
    await this.#take();
    if (this.#json === undefined) return this.#asSent.update();
    const number = Math.min(this.#reading.textPage, this.#pages.length - 1);
    const page = this.#pages[number];
    if (page !== this.#drawn) this.#draw(page);
    this.#pager.show(number, this.#pages.length);
  }

  /** In characters of the indented text, where it is whole; else in bytes, of which only those that are missing have a place. */
  async show(place: Place): Promise<boolean> {
    if (this.#json === undefined) return this.#asSent.show(place);
    const { isWhole } = this.#json;
    const isThere = isWhole
      ? ({ start }: Page) => start <= place.start
      : (page: Page) => hasGapAt(page, place);
    const number = this.#pages.findLastIndex(isThere);
    const page = this.#pages[number];
    if (page === undefined) return false;
    if (number !== this.#reading.textPage) {
      this.#reading.textPage = number;
      await this.#changed();
    }
    const range = isWhole ? this.#rangeIn(page, place) : rangeOf(this.#gapAt(page, place));
    goTo(range);
    return true;
  }

  /** Where it isn't whole, its places are not those of bytes: a view that shows each byte finds in its stead. */
  async find(text: string, signal: AbortSignal): Promise<Found | undefined> {
    if (this.#json === undefined) return this.#asSent.find(text, signal);
    const [pretty] = this.#json.parts;
    if (!this.#json.isWhole || typeof pretty !== "string") return undefined;
    const places: Place[] = [];
    for (const { index, 0: found } of pretty.matchAll(findable(text))) {
      if (places.length === mostFound) return { places, notes: ["there are more"] };
      places.push({ start: index, end: index + found.length });
    }
    return { places, notes: [] };
  }

  /** What was indented whole stays so, whatever of its bytes is given up later. */
  async #take(): Promise<void> {
    const knowledge = JSON.stringify(this.#bytes.body);
    if (this.#json?.isWhole || knowledge === this.#knowledge) return;
    const read = await this.#read();
    this.#json = typeof read === "string" ? undefined : read;
    this.#note.textContent = typeof read === "string" ? read : read.note;
    this.#pages = pagesOf(this.#json?.parts ?? []);
    this.#drawn = undefined;
    const shown = this.#json ? [this.#text, this.#pager.element] : [this.#asSent.element];
    this.element.replaceChildren(this.#note, ...shown);
    this.#knowledge = knowledge;
  }

  /** A string says why there is none. */
  async #read(): Promise<Json | string> {
    const { size, end } = this.#bytes.body;
    if (end === "in-flight") return "Shown as JSON once it has come.";
    if (size > prettyLimit) return "Too long to be shown as JSON.";
    const { extents } = this.#bytes;
    const bytes = await this.#bytes.read(0, size);
    const [first, ...rest] = new TextDecoding(this.#charset).take(bytes, extents, false);
    if (first?.kind !== "text") return "Not shown as JSON, as its beginning is missing.";
    const { isWhole } = this.#bytes;
    const pretty = isWhole ? prettyJson(first.text) : prettyBeginning(first.text);
    if (pretty === undefined) return "Not shown as JSON: it isn't valid, or is nested too deep.";
    const parts = rest.map((part) => (part.kind === "text" ? part.text : wholeGap(part.gap, extents)));
    return { parts: [pretty, ...parts], isWhole, note: noteOf(isWhole, parts) };
  }

  #draw(page: Page | undefined): void {
    const nodes = page?.parts.map(nodeOf) ?? [];
    this.#text.replaceChildren(...nodes);
    this.#drawn = page;
    const [indented, [first]] = [this.#json?.parts[0], nodes];
    // What follows a gap may begin within a string; and so a page, where a line is too long for one.
    if (typeof indented !== "string" || page === undefined || !(first instanceof Text)) return;
    const isLine = page.start === 0 || indented[page.start - 1] === "\n";
    if (isLine && page.start < indented.length) colour(first);
  }

  #gapAt({ parts }: Page, { start }: Place): Element {
    const gaps = parts.filter((part) => typeof part !== "string");
    return this.#text.querySelectorAll(".gap")[gaps.findIndex((gap) => start < gap.end)]!;
  }

  #rangeIn({ start }: Page, place: Place): Range {
    const range = document.createRange();
    range.setStart(...this.#at(place.start - start));
    range.setEnd(...this.#at(place.end - start));
    return range;
  }

  /** A place in what is drawn, in characters: colours take the text apart. */
  #at(offset: number): [Node, number] {
    let left = offset;
    for (const node of this.#text.childNodes) {
      const length = node.textContent?.length ?? 0;
      if (left <= length && node instanceof Text) return [node, left];
      left -= length;
    }
    return [this.#text, this.#text.childNodes.length];
  }
}

/** `rest`: what comes behind the beginning. */
function noteOf(isWhole: boolean, rest: readonly TextOrGap[]): string {
  if (isWhole) return "";
  if (!rest.some((part) => typeof part === "string"))
    return "Indented as far as it goes: its end is missing.";
  return "Indented as far as it goes without a gap. What follows stands as it was sent, as nothing tells how deep it is nested.";
}

function nodeOf(part: TextOrGap): Node {
  return typeof part === "string"
    ? document.createTextNode(part)
    : h("span", { class: "gap" }, gapText(part));
}

function hasGapAt({ parts }: Page, { start }: Place): boolean {
  return parts.some((part) => typeof part !== "string" && part.start <= start && start < part.end);
}
