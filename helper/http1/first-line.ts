/** How a head begins. */
import { skipLineEnds } from "./bytes.ts";

export type HeadKind = "request" | "response";

/** A target may hold what it mustn't: the answer (400, as a rule) needs its request. */
export const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) ([^\n]+) (HTTP\/1\.\d)$/;
export const statusLine = /^(HTTP\/1\.\d) (\d{3})(?: ([^\x00-\x08\x0a-\x1f]*))?$/;
/** How a first line of which only a part is here may begin. */
const requestStart =
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}(?: (?:[^ \n]+(?: (?:H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.\d\r?)?)?)?)?$/;
const statusStart =
  /^(?:H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.\d(?: (?:\d{0,2}|\d{3}(?: [^\x00-\x08\x0a-\x1f]*)?\r?))?)$/;

const methods = [
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"],
  ...["PROPPATCH", "ORDERPATCH"],
];

/** A request's line of which the end is missing. */
export const cutRequestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) ([^ \n]+)/;

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
  bytes: Buffer,
  expected: HeadKind | undefined,
  doubt: Doubt,
): HeadKind | "more" | "no" {
  const from = skipLineEnds(bytes, 0);
  if (from === bytes.length) return bytes.length > 64 ? "no" : "more";
  // Most of what isn't a head says so at once.
  const first = bytes[from]!;
  if (first < 0x21 || first > 0x7e) return "no";
  const end = bytes.indexOf(10, from);
  if (end < 0) {
    const text = bytes.toString("latin1", from, bytes.length);
    if (expected !== "request" && statusStart.test(text)) return "more";
    return expected !== "response" && requestStart.test(text) ? "more" : "no";
  }
  const line = bytes.toString("latin1", from, bytes[end - 1] === 13 ? end - 1 : end);
  if (expected !== "request" && statusLine.test(line)) return "response";
  const match = expected === "response" ? null : requestLine.exec(line);
  return match === null || isTorn(match[1]!, match[2]!, doubt) ? "no" : "request";
}
