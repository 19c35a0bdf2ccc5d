/** Multipart bodies (RFC 2046, and forms by RFC 7578), as browsers and others really write them, also cut at their end. */
import { decodeText, isUtf8 } from "./charset.ts";
import { headerOf, mediaTypeOf, parametersOf, type MediaType } from "./headers.ts";
import type { Header } from "../protocol/exchange.ts";

export interface Part {
  headers: Header[];
  /** Of a form's field. */
  name?: string;
  /** As the sender gave it: it may be a whole path. */
  filename?: string;
  type: MediaType;
  /** Where its content lies, in the bytes that were parsed. */
  start: number;
  end: number;
  /** The bytes end within it. */
  isCut: boolean;
  /** Of a part that is multipart itself. */
  parts?: Part[];
}

export interface Multipart {
  parts: Part[];
  /** The delimiter of the end was there, and no part was left out. */
  isWhole: boolean;
}

/** Parts of one multipart that are told; what comes after is left out. */
const mostParts = 1000;
const deepest = 5;

/** Undefined where nothing in the bytes delimits a part. */
export function parseMultipart(bytes: Uint8Array, type: MediaType): Multipart | undefined {
  return parseWithin(bytes, 0, bytes.length, type, deepest);
}

function parseWithin(
  bytes: Uint8Array,
  from: number,
  to: number,
  type: MediaType,
  depth: number,
): Multipart | undefined {
  // A character for each byte.
  const text = new TextDecoder("windows-1252").decode(bytes.subarray(from, to));
  const boundary =
    type.parameters.get("boundary") ?? /^\s*--([^\r\n]{1,200}?)[ \t]{0,100}\r?\n/.exec(text)?.[1];
  if (boundary === undefined || boundary === "") return undefined;
  const delimiters = delimitersOf(text, boundary);
  if (delimiters.length === 0) return undefined;
  const parts: Part[] = [];
  for (const [i, { end, isLast }] of delimiters.entries()) {
    if (isLast) return { parts, isWhole: true };
    if (parts.length === mostParts) break;
    const next = delimiters[i + 1];
    const stop = next?.start ?? text.length - cutDelimiter(text, boundary, end);
    const part = partOf(bytes, from + end, from + stop, next === undefined);
    if (part.type.name.startsWith("multipart/") && depth > 1) {
      const inner = parseWithin(bytes, part.start, part.end, part.type, depth - 1);
      if (inner !== undefined) part.parts = inner.parts;
    }
    parts.push(part);
  }
  return { parts, isWhole: false };
}

interface Delimiter {
  /** With the line's end before it, which is its own. */
  start: number;
  end: number;
  isLast: boolean;
}

function delimitersOf(text: string, boundary: string): Delimiter[] {
  const delimiters: Delimiter[] = [];
  const mark = `--${boundary}`;
  const rest = /(?:(--)[ \t]*\r?(?:\n|$)|[ \t]*\r?\n)/y;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    if (at > 0 && text[at - 1] !== "\n") continue;
    rest.lastIndex = at + mark.length;
    const found = rest.exec(text);
    // A longer boundary may begin with ours.
    if (found === null) continue;
    const lineEnd = at === 0 ? 0 : text[at - 2] === "\r" ? 2 : 1;
    const start = Math.max(at - lineEnd, delimiters.at(-1)?.end ?? 0);
    delimiters.push({ start, end: rest.lastIndex, isLast: found[1] !== undefined });
    if (found[1] !== undefined || delimiters.length > mostParts + 1) break;
  }
  return delimiters;
}

/** How much of the text's end, from `from` on, may be the beginning of a delimiter. */
function cutDelimiter(text: string, boundary: string, from: number): number {
  const delimiters = [`\r\n--${boundary}\r\n`, `\r\n--${boundary}--`];
  for (let length = Math.min(boundary.length + 5, text.length - from); length > 0; length--)
    if (delimiters.some((delimiter) => text.endsWith(delimiter.slice(0, length)))) return length;
  return 0;
}

function partOf(bytes: Uint8Array, from: number, to: number, isCut: boolean): Part {
  const headers: Header[] = [];
  let at = from;
  for (;;) {
    const feed = bytes.subarray(0, to).indexOf(10, at);
    const line = lineOf(bytes.subarray(at, feed < 0 ? to : feed));
    at = feed < 0 ? to : feed + 1;
    if (line === "" || (feed < 0 && !isCut)) break;
    const [, name, value] = /^([^:\s]+)[ \t]*:\s*(.*)$/s.exec(line) ?? [];
    const last = headers.at(-1);
    if (name !== undefined && value !== undefined) headers.push([name, value.trim()]);
    else if (last !== undefined && /^[ \t]/.test(line)) last[1] += ` ${line.trim()}`;
    if (feed < 0) break;
  }
  const disposition = parametersOf(headerOf(headers, "content-disposition") ?? "");
  const name = unescaped(disposition.get("name"));
  const filename = extended(disposition.get("filename*")) ?? unescaped(disposition.get("filename"));
  return {
    headers,
    ...(name !== undefined && { name }),
    ...(filename !== undefined && { filename }),
    type: mediaTypeOf(headers),
    ...{ start: at, end: to, isCut },
  };
}

function lineOf(bytes: Uint8Array): string {
  return decodeText(bytes, isUtf8(bytes) ? "utf-8" : "windows-1252").replace(/\r$/, "");
}

/** Browsers escape these three, and no more. */
function unescaped(value: string | undefined): string | undefined {
  return value?.replaceAll("%22", '"').replaceAll(/%0D/gi, "\r").replaceAll(/%0A/gi, "\n");
}

/** By RFC 5987, e.g. `UTF-8''na%C3%AFve.txt`. */
function extended(value: string | undefined): string | undefined {
  const [, charset, text] = /^([^']*)'[^']*'(.*)$/s.exec(value ?? "") ?? [];
  if (charset === undefined || text === undefined) return undefined;
  const codes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  try {
    return decodeText(
      Uint8Array.from(codes, (code) => code.charCodeAt(0)),
      charset,
    );
  } catch {
    return undefined; // no charset that is known
  }
}
