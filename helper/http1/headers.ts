/** Header lines from their text (RFC 9112, section 5). */
import type { Header } from "../../protocol/exchange.ts";

/**
 * The header lines of `text` from `from` to the empty line, or the first few of them. Folded lines are joined by one space.
 */
export function parseHeaders(text: string, from: number, most = Infinity): Header[] {
  const headers: Header[] = [];
  for (let start = from; headers.length < most;) {
    const lineEnd = text.indexOf("\n", start);
    const line = lineEnd < 0 ? "" : lineAt(text, start, lineEnd);
    if (line === "") break;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : withoutBlanks(line, colon + 1);
    const end = foldedEnd(text, lineEnd);
    headers.push([name, end === lineEnd ? value : unfold(value, text.slice(lineEnd + 1, end))]);
    start = end + 1;
  }
  return headers;
}

/** The line feed that ends what is folded onto the line which ends at `lineEnd`. */
function foldedEnd(text: string, lineEnd: number): number {
  for (let end = lineEnd; ;) {
    if (!isBlank(text.charCodeAt(end + 1))) return end;
    const next = text.indexOf("\n", end + 1);
    if (next < 0) return end;
    end = next;
  }
}

function unfold(value: string, folded: string): string {
  const lines = folded.split("\n").map((line) => withoutBlanks(lineAt(line, 0, line.length), 0));
  return [value, ...lines].filter((part) => part !== "").join(" ");
}

/** Whether a field's value, in any of its lines, lists `token`, in lower case as `name` is. */
export function hasToken({ headers }: { headers: Header[] }, name: string, token: string): boolean {
  return headers.some((header) => header[0].toLowerCase() === name && listItems(header[1]).includes(token));
}

/** In lower case; a list may have items that are empty (RFC 9110, 5.6.1). */
export function listItems(list: string): string[] {
  return list.split(",").map((item) => withoutBlanks(item, 0).toLowerCase());
}

export function lineAt(text: string, start: number, end: number): string {
  return text.slice(start, end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end);
}

/**
 * The text from `from` on without the blanks around it. Nothing but space and tab is optional white space: what else `trim`
 * takes for blank, such as 0xA0, is a value's.
 */
function withoutBlanks(text: string, from: number): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
