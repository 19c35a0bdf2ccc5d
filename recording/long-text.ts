import type { BodySource, Encoding } from "./body-source.ts";
import type { Bytes } from "./bytes.ts";
import { decodedEscapes } from "./json-escapes.ts";
import type { LongString } from "./json.ts";

/** Bytes of the file that are decoded at a time; a multiple of four, as base64 comes in fours. */
const pieceSize = 256 * 1024;
/** Decoded bytes between two places that can be gone to at once. */
const stride = 256 * 1024;

/** A place where the decoding can begin: between two escapes, and two groups of base64. */
interface Mark {
  /** Of the file. */
  offset: number;
  /** Of the body. */
  position: number;
}

/** A body that is one long JSON string. Never in memory as a whole: it is read from the mark before what is asked for. */
export class LongText implements BodySource {
  readonly #text: LongString;
  readonly #encoding: Encoding;
  readonly #file: Bytes;
  readonly #marks: Mark[];
  #size: number | undefined;

  constructor(text: LongString, encoding: Encoding, file: Bytes) {
    this.#text = text;
    this.#encoding = encoding;
    this.#file = file;
    this.#marks = [{ offset: text.offset, position: 0 }];
  }

  async size(): Promise<number> {
    if (this.#size === undefined)
      for await (const { position, bytes } of this.#pieces(this.#marks.at(-1)!))
        this.#size = position + bytes.length;
    return this.#size ?? 0;
  }

  async read(start: number, end: number): Promise<Buffer> {
    const wanted: Buffer[] = [];
    const from = this.#marks.findLast(({ position }) => position <= start) ?? this.#marks[0]!;
    for await (const { position, bytes } of this.#pieces(from)) {
      if (position + bytes.length > start)
        wanted.push(bytes.subarray(Math.max(start - position, 0), Math.max(end - position, 0)));
      if (position + bytes.length >= end) break;
    }
    return Buffer.concat(wanted);
  }

  async *#pieces(from: Mark): AsyncGenerator<{ position: number; bytes: Buffer }> {
    const { offset: begin, length } = this.#text;
    const end = begin + length;
    let { position } = from;
    /** What of the bytes before can't be decoded alone: the beginning of an escape; and of a group of base64. */
    let rest: Buffer = Buffer.alloc(0);
    let group = "";
    for (let offset = from.offset; offset < end;) {
      const read = await this.#file.read(offset, Math.min(pieceSize, end - offset));
      offset += read.length;
      const isLast = offset >= end;
      const decoded = decodedEscapes(rest.length === 0 ? read : Buffer.concat([rest, read]), isLast);
      rest = decoded.rest;
      let { bytes } = decoded;
      if (this.#encoding === "base64") {
        const text = group + bytes.toString("latin1").replaceAll(/[^A-Za-z0-9+/_-]/g, "");
        const whole = isLast ? text.length : text.length - (text.length % 4);
        group = text.slice(whole);
        bytes = Buffer.from(text.slice(0, whole), "base64");
      }
      yield { position, bytes };
      position += bytes.length;
      const isClean = rest.length === 0 && group === "";
      if (isClean && position - this.#marks.at(-1)!.position >= stride)
        this.#marks.push({ offset, position });
    }
  }
}
