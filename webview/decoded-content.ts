/** A body's content when its codings are off: asked for anew when more of the body has come. */
import { stopText, type Decoded } from "../protocol/content.ts";
import { sizeText } from "../protocol/format.ts";
import { BodyBytes } from "./body-bytes.ts";

/** What a body that grows costs at most: one part in so many of the time is spent on decoding it. */
const share = 10;
/** Milliseconds. */
const longestPause = 2000;

export class DecodedContent {
  readonly #encoded: BodyBytes;
  readonly #decode: () => Promise<Decoded>;
  #decoded: Decoded = { bytes: new Uint8Array(0) };
  readonly #content = new BodyBytes(
    { size: 0, end: "in-flight", ranges: [], missing: [] },
    async (start, end) => this.#decoded.bytes.subarray(start, end),
  );
  #knowledge = "";
  #due = 0;

  constructor(encoded: BodyBytes, decode: () => Promise<Decoded>) {
    this.#encoded = encoded;
    this.#decode = decode;
  }

  /** Of the content; of the body as it was sent, where nothing of it could be decoded. */
  get bytes(): BodyBytes {
    const { bytes, stop } = this.#decoded;
    return bytes.length > 0 || stop === undefined ? this.#content : this.#encoded;
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
    const { bytes, stop } = this.#decoded;
    const size = bytes.length;
    const end = stop === undefined ? "complete" : body.end === "in-flight" ? "in-flight" : "lost";
    const ranges = size > 0 ? [{ start: 0, end: size, source: "decoding" as const }] : [];
    this.#content.update({ size, end, ranges, missing: [] });
  }

  /** What a person reads of it. `codings`: those of the body. */
  text(codings: readonly string[]): string {
    const { bytes, stop } = this.#decoded;
    const names = codings.join(", ");
    const isGrowing = stop?.kind === "cut" && this.#encoded.body.end === "in-flight";
    if (isGrowing) return `${names}: ${sizeText(bytes.length)} decoded so far`;
    if (stop === undefined) return `${names}: ${sizeText(bytes.length)} decoded`;
    if (stop.kind === "unknown") return `${names}: not decoded further: ${stopText(stop)}`;
    if (!this.isContent) return `${names}: shown as it was sent: ${stopText(stop)}`;
    return `${names}: the first ${sizeText(bytes.length)} decoded: ${stopText(stop)}`;
  }
}
