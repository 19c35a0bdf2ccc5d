/** A body as text: pieces of text and the gaps between them. */
import { clip, type Extent } from "./extents.ts";

/** `start`: of its bytes, in the body. */
export type TextPart =
  { kind: "text"; start: number; text: string } | { kind: "gap"; gap: Extent & { kind: "missing" } };

/** Decodes a body from some place on, as it grows: what was given stays true, and only what is new is decoded. */
export class TextDecoding {
  /** Up to where it has come, in the body. */
  at: number;
  readonly #decoder: InstanceType<typeof TextDecoder>;

  /** `charset`: as TextDecoder names it. `start`: where a character begins. */
  constructor(charset: string, start = 0) {
    this.at = start;
    this.#decoder = new TextDecoder(charset);
  }

  /**
   * Takes the body's next bytes; `more` says that it goes on after them. Each run between gaps is decoded for itself, so
   * that a character cut by a gap can't swallow what comes after it.
   */
  take(bytes: Uint8Array, extents: Extent[], more: boolean): TextPart[] {
    const start = this.at;
    const parts: TextPart[] = [];
    let text = "";
    let began = start;
    const endText = () => {
      if (text !== "") parts.push({ kind: "text", start: began, text });
      text = "";
    };
    for (const extent of clip(extents, start, start + bytes.length)) {
      if (extent.kind === "held")
        text += this.#decoder.decode(bytes.subarray(extent.start - start, extent.end - start), {
          stream: true,
        });
      else {
        text += this.#decoder.decode();
        endText();
        parts.push({ kind: "gap", gap: extent });
        began = extent.end;
      }
    }
    // Where more follows, the last character may be cut: it waits rather than being shown broken.
    if (!more) text += this.#decoder.decode();
    endText();
    this.at = start + bytes.length;
    return parts;
  }
}
