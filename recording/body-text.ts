/** A body as a JSON string, in pieces: it may be longer than a JavaScript string can be. */
import { isUtf8 } from "node:buffer";

/** A multiple of three, so that pieces of base64 make base64 together. */
const pieceSize = 3 * 256 * 1024;

export class BodyText {
  readonly #bytes: Buffer;
  readonly isBase64: boolean;

  /** The bytes as they were on the wire: a Content-Encoding stays. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.isBase64 = !isUtf8(bytes);
  }

  /** What stands between the quotation marks. */
  *pieces(): Generator<string> {
    const { length } = this.#bytes;
    for (let start = 0, end: number; start < length; start = end) {
      end = Math.min(start + pieceSize, length);
      if (this.isBase64) yield this.#bytes.toString("base64", start, end);
      else {
        while (end < length && isContinuation(this.#bytes[end])) end--;
        yield JSON.stringify(this.#bytes.toString("utf8", start, end)).slice(1, -1);
      }
    }
  }
}

/** Whether a byte of UTF-8 stands within a character. */
function isContinuation(byte: number | undefined): boolean {
  return ((byte ?? 0) & 0xc0) === 0x80;
}
