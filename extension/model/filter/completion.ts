/** What can be typed next in a filter: its keys, and the values that rows have now. */
import type { Completion } from "../../../protocol/table.ts";
import type { ExchangeRow } from "../exchange-row.ts";
import { oneLine } from "../../../protocol/one-line.ts";
import { factAbout, isKey, keys } from "./conditions.ts";
import { tokensOf, type Token } from "./tokens.ts";

/** Most that are proposed, and characters of one. */
const most = 9;
const longest = 120;

/** For the condition that ends at `caret`, a place in the text; of values first those that most rows have. */
export function complete(text: string, caret: number, rows: readonly ExchangeRow[]): Completion[] {
  const [token] = tokensOf(text.slice(0, caret), isKey).slice(-1);
  if (token === undefined || token.end < caret) return keysFor("", caret, caret);
  if (token.key === undefined) {
    const start = token.start + (token.negated ? 1 : 0);
    return keysFor(text.slice(start, caret).toLowerCase(), start, caret);
  }
  return valuesFor(token, caret, rows);
}

function keysFor(typed: string, start: number, end: number): Completion[] {
  return Object.entries(keys)
    .filter(([name]) => name.startsWith(typed))
    .map(([name, { about }]) => ({ ...{ start, end }, text: `${name}:`, about }));
}

function valuesFor(token: Token, caret: number, rows: readonly ExchangeRow[]): Completion[] {
  const { key = "", values } = token;
  const last = values.at(-1);
  // Behind a comma, or the colon, there is no value yet.
  const isBegun = last !== undefined && last.end === caret;
  if (isBegun && last.kind === "regex") return [];
  const [start, typed] = isBegun ? [last.start, last.text.toLowerCase()] : [caret, ""];
  const given = values.filter((value) => !isBegun || value !== last).map((value) => value.text.toLowerCase());
  const isWanted = (value: string): boolean => {
    const low = value.toLowerCase();
    return low.includes(typed) && low !== typed && !given.includes(low);
  };
  const proposals = new Map<string, string>(
    [...counted(key, rows, isWanted), ...examples(key).filter(([value]) => isWanted(value))].slice(0, most),
  );
  return [...proposals].map(([value, about]) => ({ ...{ start, end: caret, about }, text: quoted(value) }));
}

/** A value, and what it means, or how many rows have it. */
type Proposal = [value: string, about: string];

function counted(
  key: string,
  rows: readonly ExchangeRow[],
  isWanted: (value: string) => boolean,
): Proposal[] {
  const valueIn = keys[key]?.valueIn;
  if (valueIn === undefined) return [];
  const counts = new Map<string | number, number>();
  for (const row of rows) {
    const value = valueIn(row);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]): [string, number] => [String(value), count])
    .filter(([value]) => isWanted(value) && isTypeable(value))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([value, count]) => [value, count.toLocaleString("en-US")]);
}

function examples(key: string): Proposal[] {
  return (keys[key]?.examples ?? []).map((value) => [value, factAbout(value) ?? ""]);
}

/** What can't be shown as it is can't be read before it is taken; a quote can't stand in quotes. */
function isTypeable(value: string): boolean {
  return value !== "" && value.length <= longest && !value.includes('"') && oneLine(value) === value;
}

function quoted(value: string): string {
  return /[\s,]/.test(value) && !value.startsWith('"') ? `"${value}"` : value;
}
