/** "Hide Requests Like This": what the filter says then. */
import type { ExchangeRow } from "../exchange-row.ts";

/** The condition that hides a row, and those of the same path; undefined: nothing is known of its request. */
export function hiding({ target }: ExchangeRow): string | undefined {
  if (target === undefined) return undefined;
  const [path = ""] = target.split("?", 1);
  // Every path has a slash in it.
  if (path === "/") return String.raw`-path:/^\/(\?|$)/`;
  // A quotation mark can't stand in quotes: what is before it tells enough.
  const [plain = ""] = path.split('"', 1);
  return /^[\w/.~-]+$/.test(plain) ? `-path:${plain}` : `-path:"${plain}"`;
}

/** The filter's text with one more condition, once. */
export function withCondition(text: string, condition: string): string {
  return text.includes(condition) ? text : `${text.trim()} ${condition}`.trim();
}
