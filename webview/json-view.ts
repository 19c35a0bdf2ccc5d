/** A body as JSON, indented once it is whole; as its text until then. */
import { findable } from "../content/find-text.ts";
import { prettyJson } from "../content/json.ts";
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Found, Place, Reading } from "./content-view.ts";
import { h, note } from "./dom.ts";
import { goTo } from "./marks.ts";
import { Pager } from "./pager.ts";
import type { TextView } from "./text-view.ts";
import { TextDecoding } from "./text.ts";

/** In bytes: what is longer is shown as it was sent. */
const prettyLimit = 2 * 1024 * 1024;
/** Characters of a page. */
const pageLength = 256 * 1024;
const mostFound = 10_000;

export class JsonView implements ContentView {
  readonly element = h("div", {});
  readonly #bytes: BodyBytes;
  readonly #charset: string;
  readonly #reading: Reading;
  readonly #changed: () => Promise<void>;
  readonly #asSent: TextView;
  readonly #pager: Pager;
  readonly #text = h("pre", { class: "text", tabindex: "0" });
  #pretty: string | undefined;
  /** Where its pages begin, and the last one ends. */
  #pages: number[] = [];

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
    this.element.append(
      note("Not shown as JSON: it isn't whole, isn't valid, or is too long."),
      this.#asSent.element,
    );
  }

  async update(): Promise<void> {
    const isNew = this.#pretty === undefined;
    this.#pretty ??= await this.#indent();
    if (this.#pretty === undefined) return this.#asSent.update();
    if (isNew) {
      this.#pages = pagesOf(this.#pretty);
      this.element.replaceChildren(this.#text, this.#pager.element);
    }
    const page = Math.min(this.#reading.textPage, this.#pages.length - 2);
    const text = this.#pretty.slice(this.#pages[page], this.#pages[page + 1]);
    if (text !== this.#text.textContent) this.#text.replaceChildren(text);
    this.#pager.show(page, this.#pages.length - 1);
  }

  /** In characters of the indented text. */
  async show(place: Place): Promise<boolean> {
    if (this.#pretty === undefined) return this.#asSent.show(place);
    const page = this.#pages.findLastIndex((start) => start <= place.start);
    if (page !== this.#reading.textPage) {
      this.#reading.textPage = page;
      await this.#changed();
    }
    const [node, start = 0, end = 0] = [this.#text.firstChild, this.#pages[page], this.#pages[page + 1]];
    if (node === null) return false;
    const range = document.createRange();
    range.setStart(node, place.start - start);
    range.setEnd(node, Math.min(place.end, end) - start);
    goTo(range);
    return true;
  }

  async find(text: string, signal: AbortSignal): Promise<Found> {
    if (this.#pretty === undefined) return this.#asSent.find(text, signal);
    const places: Place[] = [];
    for (const { index, 0: found } of this.#pretty.matchAll(findable(text))) {
      if (places.length === mostFound) return { places, notes: ["there are more"] };
      places.push({ start: index, end: index + found.length });
    }
    return { places, notes: [] };
  }

  async #indent(): Promise<string | undefined> {
    const { size } = this.#bytes.body;
    if (!this.#bytes.isWhole || size > prettyLimit) return undefined;
    const bytes = await this.#bytes.read(0, size);
    const [part] = new TextDecoding(this.#charset).take(bytes, this.#bytes.extents, false);
    return part?.kind === "text" ? prettyJson(part.text) : undefined;
  }
}

/** A page ends with a line, where lines are not too long. */
function pagesOf(text: string): number[] {
  const pages = [0];
  for (let start = 0; start < text.length;) {
    const limit = start + pageLength;
    const line = text.lastIndexOf("\n", limit - 1) + 1;
    start = limit >= text.length ? text.length : line > start ? line : limit;
    pages.push(start);
  }
  return pages;
}
