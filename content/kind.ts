/** What a body is, by its media type and by a look at its first bytes. */
import { isUtf8 } from "./charset.ts";
import type { MediaType } from "./headers.ts";
import { isJson } from "./json.ts";
import { pictureOf } from "./picture.ts";

export type Kind =
  | "json"
  | "lines"
  | "events"
  | "form"
  | "multipart"
  | "graphql"
  | "msgpack"
  | "cbor"
  | "image"
  | "text"
  | "bytes";

const mediaTypes: [RegExp, Kind][] = [
  [/^text\/event-stream$/, "events"],
  [/^application\/(?:x-)?(?:ndjson|jsonl|json-?lines|json-seq|stream\+json)$|\+json-seq$/, "lines"],
  [/^(?:application|text)\/(?:x-)?json$|\+json$/, "json"],
  [/^application\/x-www-form-urlencoded$/, "form"],
  [/^multipart\//, "multipart"],
  [/^application\/graphql$/, "graphql"],
  [/^application\/(?:x-|vnd\.)?(?:msgpack|messagepack)$|\+msgpack$/, "msgpack"],
  [/^application\/cbor(?:-seq)?$|\+cbor(?:-seq)?$/, "cbor"],
  [/^image\/svg\+xml$/, "image"],
  [/^text\/|[/+]xml$|(?:java|ecma)script$|^application\/(?:x-)?(?:yaml|toml|sql|sh)$|\+yaml$/, "text"],
];
/** Where a look at the bytes may tell more. */
const vague = /^(?:|text\/plain|application\/(?:octet-stream|x-unknown|json))$/;

/** `sample`: the first bytes, as far as they are there; a character or a line cut by its end is no fault. */
export function kindOf({ name }: MediaType, sample: Uint8Array): Kind {
  const told = mediaTypes.find(([pattern]) => pattern.test(name))?.[1];
  if (told === undefined || told === "text" || told === "bytes")
    if (pictureOf(sample) !== undefined && !name.startsWith("text/")) return "image";
  if (!vague.test(name)) return told ?? (looksLikeText(sample) ? "text" : "bytes");
  if (!looksLikeText(sample)) return told ?? "bytes";
  return jsonKindOf(new TextDecoder().decode(sample)) ?? told ?? "text";
}

/** UTF-8 without control characters, or a mark of UTF-16. */
export function looksLikeText(sample: Uint8Array): boolean {
  if (sample[0] === 0xfe ? sample[1] === 0xff : sample[0] === 0xff && sample[1] === 0xfe) return true;
  return sample.length > 0 && isUtf8(sample) && !hasControls(sample);
}

/** As it begins: what looks like JSON need not be any. */
function jsonKindOf(text: string): "json" | "lines" | undefined {
  if (!/^\s*(?:\{\s*["}]|\[\s*(?:[[{"\]\d-]|true|false|null))/.test(text)) return undefined;
  return /^\s*[[{].*[\]}]\r?\n\s*[[{].*/.test(text) && isJson(text.trimStart().split("\n", 1)[0]!)
    ? "lines"
    : "json";
}

/** Bytes that stand in no text. */
export function hasControls(sample: Uint8Array): boolean {
  // Tab to carriage return, and escape, do.
  return sample.some((byte) => byte < 0x20 && !(byte >= 9 && byte <= 13) && byte !== 0x1b);
}
