/** JSON (RFC 8259) as a stream of bytes: what is read is told at once, and nothing of it is kept. */
import { indexOfByte } from "./index-of-byte.ts";
import { LongString } from "./json.ts";
import { TextSize } from "./text-size.ts";

/** What a document is made of, in its order. Offsets are bytes from its beginning. */
export interface JsonEvents {
  /** An object or array begins at `offset`. */
  begin(kind: "object" | "array", offset: number): void;
  /** It ends before `offset`. */
  end(offset: number): void;
  name(name: string): void;
  value(value: null | boolean | number | string | LongString): void;
}

/** Where it is no JSON, and what was expected there. */
export class MalformedJson extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Bytes: longer strings are told as places. */
export const maxShort = 16 * 1024;
const maxDepth = 512;
const maxWord = 1024;

const code = {
  ...{ quote: 0x22, backslash: 0x5c, comma: 0x2c, colon: 0x3a },
  ...{ openBrace: 0x7b, closeBrace: 0x7d, openBracket: 0x5b, closeBracket: 0x5d },
};

type State =
  "value" | "value-or-end" | "name" | "name-or-end" | "colon" | "comma-or-end" | "string" | "word" | "done";

const expectations: Record<State, string> = {
  value: "a value",
  "value-or-end": "a value or ]",
  name: "a name",
  "name-or-end": "a name or }",
  colon: "a colon",
  "comma-or-end": "a comma or an end",
  string: "the end of a string",
  word: "the end of a value",
  done: "nothing more",
};

export class JsonScanner {
  readonly #events: JsonEvents;
  readonly #stack: ("object" | "array")[] = [];
  #state: State = "value";
  /** Of the chunk's first byte. */
  #base: number;
  /** Of the string or word that is being read: its first byte, and what of it came in chunks before. */
  #start = 0;
  #held: Buffer[] = [];
  /** Of a string that came in chunks, or is long. */
  #size: TextSize | undefined;
  #isName = false;
  /** The string's last byte is a backslash that escapes the next. */
  #escapes = false;

  /** `offset`: of the document's first byte in the file. */
  constructor(events: JsonEvents, offset = 0) {
    this.#events = events;
    this.#base = offset;
  }

  /** The next bytes; they aren't kept. Throws MalformedJson. */
  push(chunk: Buffer): void {
    // A byte order mark is no part of it.
    let at = this.#base === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0;
    while (at < chunk.length) {
      if (this.#state === "string") at = this.#string(chunk, at);
      else if (this.#state === "word") at = this.#word(chunk, at);
      else at = this.#token(chunk, at);
    }
    this.#base += chunk.length;
  }

  /** There is no more. Throws MalformedJson where more should have come. */
  finish(): void {
    if (this.#state === "word" && this.#stack.length === 0) this.#endWord(Buffer.alloc(0));
    if (this.#state !== "done")
      throw new MalformedJson(this.#base, `the file ends where ${this.#expected()} should be`);
  }

  #token(chunk: Buffer, at: number): number {
    const byte = chunk[at]!;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    const offset = this.#base + at;
    switch (this.#state) {
      case "value-or-end":
        if (byte === code.closeBracket) return this.#end(at);
        return this.#value(byte, at);
      case "value":
        return this.#value(byte, at);
      case "name-or-end":
        if (byte === code.closeBrace) return this.#end(at);
        return this.#name(byte, at);
      case "name":
        return this.#name(byte, at);
      case "colon":
        if (byte !== code.colon) throw this.#unexpected(offset);
        this.#state = "value";
        return at + 1;
      case "comma-or-end": {
        const isObject = this.#stack.at(-1) === "object";
        if (byte === (isObject ? code.closeBrace : code.closeBracket)) return this.#end(at);
        if (byte !== code.comma) throw this.#unexpected(offset);
        this.#state = isObject ? "name" : "value";
        return at + 1;
      }
      default:
        throw this.#unexpected(offset);
    }
  }

  #value(byte: number, at: number): number {
    const offset = this.#base + at;
    if (byte === code.openBrace || byte === code.openBracket) {
      if (this.#stack.length === maxDepth)
        throw new MalformedJson(offset, `it is nested more than ${maxDepth} deep`);
      const kind = byte === code.openBrace ? "object" : "array";
      this.#stack.push(kind);
      this.#state = kind === "object" ? "name-or-end" : "value-or-end";
      this.#events.begin(kind, offset);
      return at + 1;
    }
    if (byte === code.quote) return this.#beginString(at, false);
    // Of a number, or of true, false and null.
    if (byte !== 0x2d && !(byte >= 0x30 && byte <= 0x39) && !(byte >= 0x61 && byte <= 0x7a))
      throw this.#unexpected(offset);
    this.#state = "word";
    this.#start = offset;
    this.#held = [];
    return at;
  }

  #name(byte: number, at: number): number {
    if (byte !== code.quote) throw this.#unexpected(this.#base + at);
    return this.#beginString(at, true);
  }

  #end(at: number): number {
    this.#stack.pop();
    this.#ended();
    this.#events.end(this.#base + at + 1);
    return at + 1;
  }

  #ended(): void {
    this.#state = this.#stack.length === 0 ? "done" : "comma-or-end";
  }

  #beginString(at: number, isName: boolean): number {
    this.#state = "string";
    this.#isName = isName;
    this.#start = this.#base + at + 1;
    this.#held = [];
    this.#size = undefined;
    this.#escapes = false;
    return at + 1;
  }

  #string(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escapes) {
      this.#escapes = false;
      at++;
    }
    let quote = -2;
    let backslash = -2;
    for (;;) {
      // Looked for again only when the last one is passed: most texts have none of either for long.
      if (quote !== -1 && quote < at) quote = indexOfByte(chunk, code.quote, at);
      if (backslash !== -1 && backslash < at) backslash = indexOfByte(chunk, code.backslash, at);
      if (backslash >= 0 && (quote < 0 || backslash < quote)) {
        at = backslash + 2;
        if (at <= chunk.length) continue;
        this.#escapes = true;
      } else if (quote >= 0) {
        this.#endString(chunk.subarray(from, quote), this.#base + quote);
        return quote + 1;
      }
      this.#hold(chunk.subarray(from));
      return chunk.length;
    }
  }

  /** Of a long string only the place and the size are kept. */
  #hold(bytes: Buffer): void {
    this.#measure(bytes);
    if (this.#base + bytes.length - this.#start <= maxShort) this.#held.push(Buffer.from(bytes));
  }

  #measure(bytes: Buffer): TextSize {
    this.#size ??= new TextSize();
    this.#size.take(bytes);
    return this.#size;
  }

  #endString(last: Buffer, end: number): void {
    const length = end - this.#start;
    const isName = this.#isName;
    if (isName) this.#state = "colon";
    else this.#ended();
    if (length > maxShort) {
      if (isName) throw new MalformedJson(this.#start, `a name is longer than ${maxShort} bytes`);
      this.#events.value(new LongString(this.#start, length, this.#measure(last)));
      return;
    }
    const raw = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last]);
    // Most have no escape, and a parser of their own would take most of the time.
    const text = raw.includes(code.backslash)
      ? (this.#parse(`"${raw.toString()}"`) as string)
      : raw.toString();
    if (isName) this.#events.name(text);
    else this.#events.value(text);
  }

  #word(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && isOfWord(chunk[at]!)) at++;
    if (this.#base + at - this.#start > maxWord) throw new MalformedJson(this.#start, "this is no value");
    if (at === chunk.length) this.#held.push(Buffer.from(chunk.subarray(from)));
    else this.#endWord(chunk.subarray(from, at));
    return at;
  }

  #endWord(last: Buffer): void {
    this.#ended();
    const word = Buffer.concat([...this.#held, last]).toString("latin1");
    this.#events.value(this.#parse(word) as null | boolean | number);
  }

  #parse(json: string): unknown {
    try {
      return JSON.parse(json);
    } catch {
      throw new MalformedJson(this.#start, json.startsWith('"') ? "this is no string" : "this is no value");
    }
  }

  #expected(): string {
    return expectations[this.#state];
  }

  #unexpected(offset: number): MalformedJson {
    return new MalformedJson(offset, `${this.#expected()} should be here`);
  }
}

/** Letters, digits, and what else a number has. */
function isOfWord(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}
