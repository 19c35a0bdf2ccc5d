/** A body as text, which grows at its end. */
import { missingText } from "../protocol/reasons.ts";
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Reading } from "./content-view.ts";
import { h, keepFocus } from "./dom.ts";
import { clip, type Extent } from "./extents.ts";
import { rangeText } from "./hex.ts";
import { TextDecoding } from "./text.ts";

/** Text shown at first, and added by each "Load more", in bytes or characters. */
export const textStep = 256 * 1024;

type Gap = Extent & { kind: "missing" };

export class TextView implements ContentView {
  readonly element = h("div", {});
  readonly #text = h("pre", { class: "text", tabindex: "0" });
  readonly #rest: RestNote;
  readonly #bytes: BodyBytes;
  readonly #charset: string;
  readonly #reading: Reading;
  #decoding: TextDecoding;
  /** What was known of the bytes that are shown. */
  #knowledge = "[]";
  /** The gap at the end, if there is one. */
  #gap: { mark: HTMLElement; gap: Gap } | undefined;

  /** `reading` is kept up to date; `changed`: more is to be shown. */
  constructor(bytes: BodyBytes, charset: string, reading: Reading, changed: () => void) {
    this.#bytes = bytes;
    this.#charset = charset;
    this.#reading = reading;
    this.#decoding = new TextDecoding(charset);
    this.#rest = new RestNote(reading, changed);
    this.element.append(this.#text, this.#rest.element);
  }

  async update(): Promise<void> {
    const { body, extents } = this.#bytes;
    if (JSON.stringify(clip(extents, 0, this.#decoding.at)) !== this.#knowledge) this.#begin();
    const start = this.#decoding.at;
    const end = Math.min(this.#reading.shown, body.size);
    const bytes = await this.#bytes.read(start, end);
    const more = start + bytes.length < body.size || body.end !== "complete";
    for (const part of this.#decoding.take(bytes, extents, more))
      if (part.kind === "text") this.#appendText(part.text);
      else this.#appendGap(part.gap);
    this.#knowledge = JSON.stringify(clip(extents, 0, this.#decoding.at));
    this.#rest.show(this.#decoding.at, body.size, "bytes");
  }

  /** What was shown isn't true any more: a part was given up, or has come late. */
  #begin(): void {
    this.#text.replaceChildren();
    this.#decoding = new TextDecoding(this.#charset);
    this.#gap = undefined;
  }

  #appendText(text: string): void {
    const last = this.#text.lastChild;
    // In place: a node of its own for each piece would make thousands.
    if (last instanceof Text) last.appendData(text);
    else this.#text.append(text);
    this.#gap = undefined;
  }

  #appendGap(gap: Gap): void {
    const last = this.#gap;
    if (last !== undefined && last.gap.reason === gap.reason) {
      last.gap.end = gap.end;
      last.mark.textContent = gapText(last.gap);
      return;
    }
    const mark = h("span", { class: "gap" }, gapText(gap));
    this.#text.append(mark);
    this.#gap = { mark, gap: { ...gap } };
  }
}

/** Says how much of a text is shown, and shows more. */
export class RestNote {
  readonly element = h("p", { class: "note" });
  readonly #reading: Reading;
  readonly #changed: () => void;

  constructor(reading: Reading, changed: () => void) {
    this.#reading = reading;
    this.#changed = changed;
  }

  show(shown: number, all: number, unit: string): void {
    const load = () => {
      this.#reading.shown += textStep;
      this.#changed();
    };
    const text = `Shown: the first ${shown.toLocaleString("en-US")} of ${all.toLocaleString("en-US")} ${unit}. `;
    keepFocus(this.element, () =>
      this.element.replaceChildren(
        ...(shown < all ? [text, h("button", { type: "button", onclick: load }, "Load more")] : []),
      ),
    );
  }
}

function gapText(gap: Gap): string {
  return `${rangeText(gap)} missing: ${missingText[gap.reason]}`;
}
