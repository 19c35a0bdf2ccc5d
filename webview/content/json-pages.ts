/** Pages of a text in which there may be gaps: each no longer than what is drawn at once. */
import type { Gap } from "./gaps.ts";

export type TextOrGap = string | Gap;

export interface Page {
  /** Characters before it. */
  readonly start: number;
  readonly parts: readonly TextOrGap[];
}

/** Characters of a page. */
const pageLength = 256 * 1024;

export function pagesOf(parts: readonly TextOrGap[]): Page[] {
  const pages: { start: number; parts: TextOrGap[] }[] = [];
  let start = 0;
  let room = 0;
  for (const part of parts.flatMap(slicesOf)) {
    const length = typeof part === "string" ? part.length : 0;
    if (pages.length === 0 || length > room) {
      pages.push({ start, parts: [] });
      room = pageLength;
    }
    pages.at(-1)!.parts.push(part);
    start += length;
    room -= length;
  }
  return pages;
}

/** A slice ends with a line, where lines are not too long. */
function slicesOf(text: TextOrGap): TextOrGap[] {
  if (typeof text !== "string") return [text];
  const slices: string[] = [];
  for (let start = 0; start < text.length;) {
    const limit = start + pageLength;
    const line = text.lastIndexOf("\n", limit - 1) + 1;
    const end = limit >= text.length ? text.length : line > start ? line : limit;
    slices.push(text.slice(start, end));
    start = end;
  }
  return slices;
}
