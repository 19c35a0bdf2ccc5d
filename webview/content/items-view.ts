/** A body as a list of what it says: fields, parts, lines. Shown as far as it can be read from its beginning. */
import { sizeText } from "../../protocol/format.ts";
import { gapText } from "../../protocol/reasons.ts";
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Place } from "./content-view.ts";
import { h, note } from "../dom.ts";
import type { Gap } from "./gaps.ts";
import { goTo, rangeOf } from "./marks.ts";

export interface Item {
  /** Equal as long as the item looks the same. */
  key: string;
  element(): HTMLElement;
}

export interface Items {
  items: Item[];
  /** What is to be said of what isn't shown. */
  note?: string;
}

/** `bytes`: from the body's beginning. Undefined where they aren't what they were taken for. */
export type ReadItems = (bytes: Uint8Array, isWhole: boolean) => Items | undefined;

/** Items listed. */
const mostItems = 1000;

export class ItemsView implements ContentView {
  readonly element = h("div", {});
  readonly #bytes: BodyBytes;
  readonly #limit: number;
  readonly #read: ReadItems;
  readonly #otherwise: ContentView;
  readonly #list = h("ol", { class: "items", tabindex: "0" });
  readonly #note = note("");
  readonly #mark = h("p", { class: "gap" });
  #keys: string[] = [];
  #knowledge = "";

  /** `limit`: bytes that are read. `otherwise`: shown where there is nothing to be listed. */
  constructor(bytes: BodyBytes, limit: number, read: ReadItems, otherwise: ContentView) {
    this.#bytes = bytes;
    this.#limit = limit;
    this.#read = read;
    this.#otherwise = otherwise;
  }

  async update(): Promise<void> {
    const { body, isWhole } = this.#bytes;
    const knowledge = JSON.stringify(body);
    if (knowledge === this.#knowledge) return;
    const bytes = await this.#bytes.beginning(this.#limit);
    const isAll = isWhole && bytes.length === body.size;
    const read = this.#read(bytes, isAll);
    if (read === undefined || read.items.length === 0) {
      await this.#otherwise.update();
      const why = read?.note ?? "the bytes say something else";
      this.element.replaceChildren(
        note(`Not shown as what it is said to be: ${why}.`),
        this.#otherwise.element,
      );
    } else {
      this.#show(read.items.slice(0, mostItems));
      const more = read.items.length - mostItems;
      const notes = [
        more > 0 ? `and ${more.toLocaleString("en-US")} more` : "",
        read.note ?? "",
        this.#rest(bytes),
      ];
      const gap = this.#firstGap;
      this.#mark.hidden = gap === undefined || gap.start > bytes.length;
      this.#mark.textContent = gap === undefined ? "" : gapText(gap);
      this.#note.textContent = notes.filter((text) => text !== "").join("; ");
      // What is selected in it would be lost by putting it in again.
      if (this.#list.parentNode === null) this.element.replaceChildren(this.#list, this.#mark, this.#note);
    }
    this.#knowledge = knowledge;
  }

  /** Of what is listed only the first gap has a place: where the list ends. */
  async show({ start }: Place): Promise<boolean> {
    const gap = this.#firstGap;
    if (gap === undefined || start < gap.start || start >= gap.end || !this.#mark.isConnected) return false;
    goTo(rangeOf(this.#mark));
    return true;
  }

  get #firstGap(): Gap | undefined {
    return this.#bytes.extents.find((extent): extent is Gap => extent.kind === "missing");
  }

  /** Leaves the items that stay the same where they are. */
  #show(items: Item[]): void {
    let same = 0;
    while (same < items.length && items[same]?.key === this.#keys[same]) same++;
    while (this.#list.childElementCount > same) this.#list.lastElementChild?.remove();
    this.#list.append(...items.slice(same).map((item) => item.element()));
    this.#keys = items.map(({ key }) => key);
  }

  /** Why there may be more than this. */
  #rest(bytes: Uint8Array): string {
    const { size, end, missing } = this.#bytes.body;
    if (bytes.length === this.#limit && bytes.length < size)
      return `read from the first ${sizeText(bytes.length)} only`;
    if (missing.length > 0) return "what follows what is missing stands in Text and Hex";
    return end === "complete" || end === "in-flight" ? "" : "the body ends here, and is not whole";
  }
}
