/** MessagePack and CBOR as a text that tells all that they tell: like JSON, with CBOR's notation (RFC 8949, 8) for the rest. */
import { decodeMulti, ExtData } from "@msgpack/msgpack";
import { decodeFirst } from "cborg";

export interface Values {
  /** Each value's text, in the order of the bytes. */
  texts: string[];
  /** Why no more could be read, where bytes are left. */
  fault?: string;
}

/** Values told. */
const mostValues = 1000;
const deepest = 50;
/** Bytes told of a byte string. */
const mostBytes = 64;

export function parseMsgpack(bytes: Uint8Array): Values {
  let keys = 0;
  const options = {
    useBigInt64: true,
    // Nothing can be longer than the bytes that are there.
    maxArrayLength: bytes.length,
    maxMapLength: bytes.length,
    // As an object would have them, keys would lose their order, their type, and those that are repeated.
    mapKeyConverter: (key: unknown) => `${keys++} ${keyText(textOf(key, entriesOf))}`,
  };
  return gather(decodeMulti(bytes, options), (value) => textOf(value, entriesOf));
}

export function parseCbor(bytes: Uint8Array): Values {
  return gather(cborValues(bytes), (value) => textOf(value));
}

function gather(values: Iterable<unknown>, toText: (value: unknown) => string): Values {
  const texts: string[] = [];
  try {
    for (const value of values) {
      if (texts.length === mostValues) return { texts, fault: `more than ${mostValues} values` };
      texts.push(toText(value));
    }
    return { texts };
  } catch (error) {
    // What is nested too deep ends in a RangeError as well.
    return { texts, fault: error instanceof Error ? error.message : String(error) };
  }
}

function* cborValues(bytes: Uint8Array): Generator<unknown> {
  for (let rest = bytes; rest.length > 0;) {
    const [value, after] = decodeFirst(rest, { useMaps: true, tags }) as [unknown, Uint8Array];
    yield value;
    rest = after;
  }
}

class Tag {
  readonly number: string;
  readonly value: unknown;

  constructor(number: string, value: unknown) {
    this.number = number;
    this.value = value;
  }
}

type Tags = NonNullable<NonNullable<Parameters<typeof decodeFirst>[1]>["tags"]>;

/** A decoder for every tag there may be. */
const tags = new Proxy<Tags>([], {
  get: (_, number) => (decode: () => unknown) => new Tag(String(number), decode()),
});

type Entry = [key: string, value: unknown];

/** Of an object whose keys `mapKeyConverter` made. */
function entriesOf(object: object): Entry[] {
  return Object.entries(object).map(([key, value]) => [key.slice(key.indexOf(" ") + 1), value]);
}

function textOf(
  value: unknown,
  objectEntries: (object: object) => Entry[] = Object.entries,
  depth = 0,
): string {
  const inner = (each: unknown) => textOf(each, objectEntries, depth + 1);
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      break;
    default:
      return String(value);
  }
  if (value === null) return "null";
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof Tag) return `${value.number}(${textOf(value.value, objectEntries, depth)})`;
  if (value instanceof ExtData)
    return `ext ${value.type}(${value.data instanceof Uint8Array ? bytesText(value.data) : ""})`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "timestamp(?)" : `timestamp(${value.toISOString()})`;
  if (depth === deepest) return "…";
  if (Array.isArray(value)) return bracketed("[", value.map(inner), "]", depth);
  const entries: Entry[] =
    value instanceof Map
      ? [...value].map(([key, each]): Entry => [keyText(inner(key)), each])
      : objectEntries(value);
  return bracketed(
    "{",
    entries.map(([key, each]) => `${key}: ${inner(each)}`),
    "}",
    depth,
  );
}

/** In one line. */
function keyText(text: string): string {
  return text.replaceAll(/\n */g, " ");
}

function bracketed(open: string, texts: string[], close: string, depth: number): string {
  if (texts.length === 0) return open + close;
  const line = `\n${"  ".repeat(depth)}`;
  return open + texts.map((text) => `${line}  ${text}`).join(",") + line + close;
}

function bytesText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, mostBytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length <= mostBytes
    ? `h'${hex}'`
    : `h'${hex}…' (${bytes.length.toLocaleString("en-US")} bytes)`;
}
