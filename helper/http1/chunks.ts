import { maxHead, type Header } from "../../protocol/exchange.ts";
import { parseHeaders } from "./headers.ts";

/** Of a chunk's size line, or a trailer. */
const maxLine = 16 * 1024;

/** What the chunked framing says comes next; "broken": it can't be that. */
type State = "size" | "data" | "data-end" | "trailers" | "done" | "broken";

/** Reads the framing of a chunked body: everything but the chunks' data. */
export class Chunks {
  state: State = "size";
  /** In "data": bytes of the chunk's to come. */
  remaining = 0;
  #line = "";
  #trailers = "";

  begin(): void {
    this.state = "size";
    this.remaining = 0;
    this.#line = "";
    this.#trailers = "";
  }

  get trailers(): Header[] {
    return this.#trailers === "" ? [] : parseHeaders(this.#trailers, 0);
  }

  /** So many bytes of data have come, or are missing. */
  pass(length: number): void {
    this.remaining -= length;
    if (this.remaining === 0) this.state = "data-end";
  }

  /** Reads one line, or the part of it that is here. Gives where that ends. */
  read(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(10, at);
    const stop = end < 0 ? bytes.length : end;
    if (this.#line.length + stop - at > maxLine) {
      this.state = "broken";
      return stop;
    }
    const line = this.#line + bytes.toString("latin1", at, stop);
    this.#line = end < 0 ? line : "";
    if (end < 0) return bytes.length;
    this.#take(line.endsWith("\r") ? line.slice(0, -1) : line);
    return end + 1;
  }

  #take(line: string): void {
    if (this.state === "size") this.#size(line);
    else if (this.state === "data-end") this.state = line === "" ? "size" : "broken";
    else if (line === "") this.state = "done";
    else {
      this.#trailers += `${line}\n`;
      if (this.#trailers.length > maxHead) this.state = "broken";
    }
  }

  #size(line: string): void {
    const digits = /^0*([0-9A-Fa-f]{1,13})[ \t]*(?:;|$)/.exec(line)?.[1];
    this.remaining = digits === undefined ? 0 : parseInt(digits, 16);
    if (digits === undefined) this.state = "broken";
    else this.state = this.remaining === 0 ? "trailers" : "data";
  }
}

/** Bytes of data in `length` bytes of chunked framing, if they are whole chunks, one per call: else nobody knows. */
export function dataIn(length: number): number {
  // Two line ends, and the digits of the size.
  for (let digits = 1; digits <= 8; digits++) {
    const data = length - 4 - digits;
    if (data >= 0 && data.toString(16).length === digits) return data;
  }
  return length;
}
