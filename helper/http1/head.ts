import type { Header } from "../../protocol/exchange.ts";
import type * as exchanges from "../exchanges/captured-exchange.ts";

/** The most bytes a head may have. */
export const maxHead = 256 * 1024;

/** What a message's framing needs to know. */
interface FramingFields {
  /** Of Content-Length: `-1` none, `NaN` invalid. */
  contentLength: number;
  /** The last transfer coding, in lower case; absent without Transfer-Encoding. */
  transferCoding: string | undefined;
}

export interface RequestHead extends exchanges.RequestHead, FramingFields {
  kind: "request";
  expectsContinue: boolean;
}

export interface ResponseHead extends exchanges.ResponseHead, FramingFields {
  kind: "response";
}

export type Head = RequestHead | ResponseHead;
export type HeadKind = Head["kind"];

/** A target may hold what it mustn't: the answer (400, as a rule) needs its request. */
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) ([^\n]+) (HTTP\/1\.\d)$/;
const statusLine = /^(HTTP\/1\.\d) (\d{3})(?: ([^\x00-\x08\x0a-\x1f]*))?$/;
/** How a first line of which only a part is here may begin. */
const requestStart =
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}(?: (?:[^ \n]+(?: (?:H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.\d\r?)?)?)?)?$/;
const statusStart =
  /^(?:H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.\d(?: (?:\d{0,2}|\d{3}(?: [^\x00-\x08\x0a-\x1f]*)?\r?))?)$/;

/** Where the head that begins at `from` ends, lines ending in CRLF or LF; -1 if its end isn't here. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 10) return at + 2;
    if (next === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/** CR and LF before a message are no part of it. */
export function skipLineEnds(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 13 || bytes[at] === 10) at++;
  return at;
}

const methods = [
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"],
  ...["PROPPATCH", "ORDERPATCH"],
];

/**
 * What may be wrong with the place where a head seems to begin. `begins`: the bytes before were moved before the capture
 * began. `lost`: a body may have begun before, and its last bytes stand there.
 */
export type Doubt = "none" | "begins" | "lost";

/**
 * A method whose first bytes are missing (Go, for one, reads the first byte of a request by a call of its own), or before
 * which a body's last bytes stand. Those can look like a method and more: `p 345GET /2 HTTP/1.1`.
 */
function isTorn(method: string, target: string, doubt: Doubt): boolean {
  if (doubt === "none" || methods.includes(method)) return false;
  if (target.includes(" ")) return true;
  return methods.some((whole) => whole.endsWith(method) || (doubt === "lost" && method.endsWith(whole)));
}

/**
 * Whether bytes look like the beginning of a head: `METHOD SP target SP HTTP/1.x` or `HTTP/1.x NNN`.
 * `more`: there are too few to tell.
 */
export function classify(
  bytes: Uint8Array,
  expected: HeadKind | undefined,
  doubt: Doubt,
): HeadKind | "more" | "no" {
  const from = skipLineEnds(bytes, 0);
  if (from === bytes.length) return bytes.length > 64 ? "no" : "more";
  // Most of what isn't a head says so at once.
  const first = bytes[from]!;
  if (first < 0x21 || first > 0x7e) return "no";
  const end = bytes.indexOf(10, from);
  if (end < 0 && bytes.length - from > maxHead) return "no";
  if (end < 0) {
    const text = latin1(bytes, from, bytes.length);
    if (expected !== "request" && statusStart.test(text)) return "more";
    return expected !== "response" && requestStart.test(text) ? "more" : "no";
  }
  const line = latin1(bytes, from, bytes[end - 1] === 13 ? end - 1 : end);
  if (expected !== "request" && statusLine.test(line)) return "response";
  const match = expected === "response" ? null : requestLine.exec(line);
  return match === null || isTorn(match[1]!, match[2]!, doubt) ? "no" : "request";
}

/** `text`: a whole head, latin1. */
export function parseHead(text: string): Head | undefined {
  const firstEnd = text.indexOf("\n");
  const line = lineAt(text, 0, firstEnd);
  const framing: FramingFields = { contentLength: -1, transferCoding: undefined };
  const isResponse = text.startsWith("HTTP/1.");
  const match = (isResponse ? statusLine : requestLine).exec(line);
  if (match === null) return undefined;
  const headers = parseHeaders(text, firstEnd + 1);
  let expectsContinue = false;
  for (const [name, value] of headers) {
    // By length first: most names need no lower case.
    if (name.length === 14 && name.toLowerCase() === "content-length") addContentLength(framing, value);
    else if (name.length === 17 && name.toLowerCase() === "transfer-encoding")
      framing.transferCoding = lastItem(value) ?? framing.transferCoding;
    else if (name.length === 6 && name.toLowerCase() === "expect")
      expectsContinue = value.toLowerCase() === "100-continue";
  }
  const common = { headers, ...framing };
  return isResponse
    ? {
        kind: "response",
        version: match[1]!,
        status: Number(match[2]),
        statusText: match[3] ?? "",
        ...common,
      }
    : {
        kind: "request",
        method: match[1]!,
        target: match[2]!,
        version: match[3]!,
        expectsContinue,
        ...common,
      };
}

/** Whether a field's value, in any of its lines, lists `token`, in lower case as `name` is. */
export function hasToken({ headers }: Pick<Head, "headers">, name: string, token: string): boolean {
  const lists = headers.filter((header) => header[0].toLowerCase() === name);
  return lists.some(([, list]) =>
    list.split(",").some((item) => withoutBlanks(item).toLowerCase() === token),
  );
}

/** The header lines of `text` from `from` to the empty line. Folded lines are joined by one space. */
export function parseHeaders(text: string, from: number): Header[] {
  const headers: Header[] = [];
  let start = from;
  for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
    const line = lineAt(text, start, end);
    start = end + 1;
    if (line === "") break;
    const last = headers.at(-1);
    if (last !== undefined && isBlank(line.charCodeAt(0))) {
      const more = withoutBlanks(line);
      if (more !== "") last[1] += last[1] === "" ? more : ` ${more}`;
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) headers.push([line, ""]);
    else headers.push([line.slice(0, colon), trimmed(line, colon + 1)]);
  }
  return headers;
}

/** The text from `from` on without the blanks around it. */
function trimmed(line: string, from: number): string {
  // Nearly always there is one space before and nothing after.
  const start = line.charCodeAt(from) === 32 ? from + 1 : from;
  const first = line.charCodeAt(start);
  const last = line.charCodeAt(line.length - 1);
  const value = line.slice(start);
  return isBlank(first) || isBlank(last) ? withoutBlanks(value) : value;
}

/** Character by character, as a pattern for the blanks at the end tries anew at each blank before. */
function withoutBlanks(value: string): string {
  let [start, end] = [0, value.length];
  while (isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

/** Nothing but space and tab is optional white space: what else `trim` takes for blank, such as 0xA0, is a value's. */
function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function lineAt(text: string, start: number, end: number): string {
  return text.slice(start, end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end);
}

/** In lower case; a list may have items that are empty (RFC 9110, 5.6.1). */
function lastItem(list: string): string | undefined {
  const items = list.split(",").map((item) => withoutBlanks(item).toLowerCase());
  return items.findLast((item) => item !== "");
}

function addContentLength(framing: FramingFields, value: string): void {
  for (const part of value.split(",")) {
    const digits = withoutBlanks(part);
    const length = /^0*\d{1,15}$/.test(digits) ? Number(digits) : NaN;
    framing.contentLength = framing.contentLength === -1 || framing.contentLength === length ? length : NaN;
  }
}
