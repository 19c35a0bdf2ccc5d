/** A body's content when its codings are off: asked for anew when more of the body has come. */
import { stopText } from "../../protocol/content.ts";
import { sizeText } from "../../protocol/format.ts";
import type { DecodedSize } from "../../protocol/webview.ts";
import { BodyBytes } from "./body-bytes.ts";

/** What a body that grows costs at most: one part in so many of the time is spent on decoding it. */
const share = 10;
/** Milliseconds. */
const longestPause = 2000;

export class DecodedContent {
  readonly #encoded: BodyBytes;
  readonly #decode: () => Promise<DecodedSize>;
  #decoded: DecodedSize = { size: 0 };
  readonly #content: BodyBytes;
  #knowledge = "";
  #due = 0;

  /** `decode` decodes what there is of the body; `read` gives bytes `[start, end)` of what came out. */
  constructor(
    encoded: BodyBytes,
    decode: () => Promise<DecodedSize>,
    read: (start: number, end: number) => Promise<Uint8Array>,
  ) {
    this.#encoded = encoded;
    this.#decode = decode;
    this.#content = new BodyBytes({ size: 0, end: "in-flight", ranges: [], missing: [] }, read);
  }

  /** Of the content; of the body as it was sent, where nothing of it could be decoded. */
  get bytes(): BodyBytes {
    const { size, stop } = this.#decoded;
    return size > 0 || stop === undefined ? this.#content : this.#encoded;
  }

  /** All codings are off: the bytes are what the headers say that they are. */
  get isContent(): boolean {
    return this.bytes === this.#content && this.#decoded.stop?.kind !== "unknown";
  }

  async update(): Promise<void> {
    const { body } = this.#encoded;
    const knowledge = JSON.stringify(body);
    if (knowledge === this.#knowledge) return;
    await new Promise((resolve) => setTimeout(resolve, this.#due - performance.now()));
    const began = performance.now();
    this.#decoded = await this.#decode();
    const took = performance.now() - began;
    this.#due = performance.now() + Math.min(took * share, longestPause);
    this.#knowledge = knowledge;
    const { size, stop } = this.#decoded;
    const end = stop === undefined ? "complete" : body.end === "in-flight" ? "in-flight" : "lost";
    const ranges = size > 0 ? [{ start: 0, end: size, source: "decoding" as const }] : [];
    this.#content.update({ size, end, ranges, missing: [] });
  }

  /** What a person reads of it. `codings`: those of the body. */
  text(codings: readonly string[]): string {
    const { size, stop } = this.#decoded;
    const names = codings.join(", ");
    const isGrowing = stop?.kind === "cut" && this.#encoded.body.end === "in-flight";
    if (isGrowing) return `${names}: ${sizeText(size)} decoded so far`;
    if (stop === undefined) return `${names}: ${sizeText(size)} decoded`;
    if (stop.kind === "unknown") return `${names}: not decoded further: ${stopText(stop)}`;
    if (!this.isContent) return `${names}: shown as it was sent: ${stopText(stop)}`;
    return `${names}: the first ${sizeText(size)} decoded: ${stopText(stop)}`;
  }
}
