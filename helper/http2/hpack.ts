/** HPACK (RFC 7541): header blocks' fields, also where the table is only known in part. */
import { maxHead } from "../../protocol/exchange.ts";
import { decodeHuffman } from "./huffman.ts";
import { staticTable } from "./static-table.ts";

/** A header field. Undefined is a name or value that nobody knows; an empty one is "". Shared, as the table's are. */
export interface Field {
  readonly name: string | undefined;
  readonly value: string | undefined;
}

export interface Block {
  fields: Field[];
  /** It is decoded to its end. */
  whole: boolean;
  /** It is larger than what is kept of one: the fields beyond are missing, and one lacks the end of its value. */
  isCut: boolean;
}

/** What the table may hold by agreement; beyond, its oldest fields are unknown. */
const maxTable = 64 * 1024;
/** Until the encoder says otherwise. */
const initialTable = 4096;
/** Each field counts with so many bytes more than its text. */
const fieldCost = 32;
/** Larger numbers are no lengths nor indexes that anybody sends. */
const maxInteger = 2 ** 28;

const statics: readonly Field[] = staticTable.map(([name, value]) => ({ name, value }));
const unknown: Field = { name: undefined, value: undefined };

/** Says that the block ends inside of a field, or has what no encoder writes. */
class Broken extends Error {}

/**
 * Decodes one direction's header blocks, in their order. Fields are numbered from the newest on: so after bytes were lost,
 * or where the capture began in the middle, all that is inserted from then on is known, and what is older is not.
 */
export class HpackDecoder {
  /** Oldest first. */
  #table: Field[] = [];
  #size = 0;
  #limit: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** `fromStart`: the first block will be the connection's first. */
  constructor(fromStart: boolean) {
    this.#limit = fromStart ? initialTable : maxTable;
  }

  /** What the table holds, and how much it may, isn't known any more. */
  forget(): void {
    this.#table = [];
    this.#size = 0;
    // To keep a field for too long does no harm: an encoder never names what it has given up.
    this.#limit = maxTable;
  }

  /** `whole`: the block's end is there. Of one that is cut off or broken the fields before are given. Never throws. */
  decode(bytes: Buffer, whole: boolean): Block {
    const block: Block = { fields: [], whole, isCut: false };
    this.#bytes = bytes;
    this.#at = 0;
    try {
      let size = 0;
      while (this.#at < bytes.length) {
        const field = this.#next();
        if (field === undefined) continue;
        // A block of single bytes may name a large field in each.
        const room = maxHead - size;
        size += sizeOf(field);
        if (size <= maxHead) block.fields.push(field);
        else if (!block.isCut) {
          block.isCut = true;
          block.fields.push(cut(field, room));
        }
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      block.whole = false;
      whole = false;
    }
    // The rest may have inserted fields.
    if (!whole) this.forget();
    return block;
  }

  /** What begins with the next byte: a field, or undefined for the size of the table. */
  #next(): Field | undefined {
    const first = this.#bytes[this.#at]!;
    if ((first & 0x80) !== 0) return this.#field(this.#integer(7));
    if ((first & 0xe0) === 0x20) {
      this.#limit = Math.min(this.#integer(5), maxTable);
      this.#evict();
      return undefined;
    }
    const indexed = (first & 0x40) !== 0;
    const index = this.#integer(indexed ? 6 : 4);
    const name = index === 0 ? this.#text() : this.#field(index).name;
    const field = { name, value: this.#text() };
    if (indexed) this.#insert(field);
    return field;
  }

  #field(index: number): Field {
    if (index === 0 || index > statics.length + maxTable / fieldCost) throw new Broken();
    if (index <= statics.length) return statics[index - 1]!;
    return this.#table[this.#table.length + statics.length - index] ?? unknown;
  }

  /** A number whose first bits are the last `bits` of the next byte. */
  #integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (value > maxInteger || factor > maxInteger) throw new Broken();
      if (byte < 0x80) return value;
    }
  }

  /** Undefined where its code is wrong: what follows is not affected. */
  #text(): string | undefined {
    const isHuffman = this.#at < this.#bytes.length && this.#bytes[this.#at]! >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new Broken();
    this.#at = start + length;
    if (isHuffman) return decodeHuffman(this.#bytes, start, this.#at);
    return this.#bytes.toString("latin1", start, this.#at);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Broken();
    return byte;
  }

  #insert(field: Field): void {
    this.#table.push(field);
    this.#size += sizeOf(field);
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#limit) this.#size -= sizeOf(this.#table.shift()!);
  }
}

/** What of it fits in `room`. */
function cut(field: Field, room: number): Field {
  return { name: field.name?.slice(0, room), value: field.value?.slice(0, room) };
}

/** An unknown text counts as empty: so its field is kept for longer, which does no harm. */
function sizeOf({ name = "", value = "" }: Field): number {
  return fieldCost + name.length + value.length;
}
