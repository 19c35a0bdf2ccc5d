/** How many bytes a JSON string stands for: counted while its own pass, so that none need be kept or decoded for it. */
import { indexOfByte } from "./index-of-byte.ts";

const code = { backslash: 0x5c, slash: 0x2f, u: 0x75 };
/** Escapes of one letter; those of JSON. */
const letters = Buffer.from('"\\/bfnrt');
/** Own bytes in which the padding of base64 is looked for: `==\r\n` at most. */
const tailSize = 6;

export class TextSize {
  /** Its own bytes, and how many more they are than those that they stand for. */
  #length = 0;
  #saved = 0;
  /** Bytes that its escapes stand for, and that base64 passes over. */
  #foreign = 0;
  #tail = "";
  /** Of the escape that goes on: digits of its character code so far; -1 after the backslash. */
  #digits: number | undefined;
  #unit = 0;
  /** Where an escape of half a character ended last. */
  #halfAt = -1;

  /** The string's next bytes, as they stand between the quotation marks. */
  take(bytes: Buffer): void {
    for (let at = this.#goOn(bytes, 0); ;) {
      const next = indexOfByte(bytes, code.backslash, at);
      if (next < 0) break;
      this.#digits = -1;
      at = this.#goOn(bytes, next + 1);
    }
    this.#length += bytes.length;
    this.#tail = (this.#tail + bytes.toString("latin1", Math.max(bytes.length - tailSize, 0))).slice(
      -tailSize,
    );
  }

  /** As text. */
  get utf8(): number {
    return this.#length - this.#saved;
  }

  /** As base64, which may have line breaks, but no spaces: they would have to be looked for in every text. */
  get base64(): number {
    const padding = /(=*)(?:\\[rn])*$/.exec(this.#tail)?.[1]?.length ?? 0;
    return Math.floor(((this.utf8 - this.#foreign - padding) * 3) / 4);
  }

  /** Reads on in an escape whose backslash was read. Gives where what isn't part of it begins. */
  #goOn(bytes: Buffer, from: number): number {
    let at = from;
    while (this.#digits !== undefined && at < bytes.length) {
      const byte = bytes[at]!;
      if (this.#digits < 0 && byte !== code.u) {
        this.#digits = undefined;
        this.#letter(byte);
        return at + 1;
      }
      const digit = this.#digits < 0 ? 0 : hexDigit(byte);
      if (digit === undefined) {
        // It is none, and stays as it is.
        this.#digits = undefined;
        this.#foreign++;
        return at;
      }
      this.#unit = (this.#unit << 4) | digit;
      at++;
      if (++this.#digits < 4) continue;
      this.#digits = undefined;
      this.#character(this.#unit & 0xffff, this.#length + at);
    }
    return at;
  }

  #letter(byte: number): void {
    if (letters.includes(byte)) this.#saved++;
    if (byte !== code.slash) this.#foreign++;
  }

  /** `end`: in the string. */
  #character(unit: number, end: number): void {
    const isHigh = unit >= 0xd800 && unit < 0xdc00;
    const isLow = unit >= 0xdc00 && unit < 0xe000;
    // Half a character is written as U+FFFD, three bytes; two halves that belong together are four.
    const size = isLow && this.#halfAt === end - 6 ? 1 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    this.#halfAt = isHigh ? end : -1;
    this.#saved += 6 - size;
    if (!isOfBase64(unit)) this.#foreign += size;
  }
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

function isOfBase64(unit: number): boolean {
  return unit < 0x80 && /[A-Za-z0-9+/_-]/.test(String.fromCharCode(unit));
}
