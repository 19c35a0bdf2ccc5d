/** "Hide Requests Like This": what the filter says then. */
import type { ExchangeRow } from "../exchange-row.ts";
import { isKey } from "./conditions.ts";
import { tokensOf } from "./tokens.ts";

/**
 * The condition that hides a row and those like it: of what the program asked of others those of the same host, of the rest those
 * of the same path. Undefined: nothing is known of its request.
 */
export function hiding({ target, host, role }: ExchangeRow): string | undefined {
  if (role === "client" && host !== undefined && host !== "") return condition("host", host);
  if (target === undefined) return undefined;
  const [path = ""] = target.split("?", 1);
  // Every path has a slash in it.
  if (path === "/") return String.raw`-path:/^\/(\?|$)/`;
  return condition("path", path);
}

function condition(key: "host" | "path", value: string): string {
  // A quotation mark can't stand in quotes: what is before it tells enough.
  const [plain = ""] = value.split('"', 1);
  return /^[\w/.~:-]+$/.test(plain) ? `-${key}:${plain}` : `-${key}:"${plain}"`;
}

/** The filter's text with one more condition, once. */
export function withCondition(text: string, condition: string): string {
  const isThere = tokensOf(text, isKey).some(({ start, end }) => text.slice(start, end) === condition);
  return isThere ? text : `${text.trim()} ${condition}`.trim();
}
