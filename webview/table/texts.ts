/** What the table says of its rows as a whole. */
import { durationText, sizeText } from "../../protocol/format.ts";
import type { TableUpdate } from "../../protocol/table.ts";

function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** e.g. `153 of 200: path without /static`; without a filter nothing. */
export function saidText({ length, newer = 0, of, filter }: TableUpdate): string {
  const { words, errors, problem, open, text } = filter;
  const wrong = errors.map(({ start, end, message }) => `${text.slice(start, end)} (${message})`);
  return [
    ...(words === "" ? [] : [`${countText(length + newer)} of ${countText(of)}: ${words}`]),
    ...(open > 0 ? [`looking into ${countText(open)}…`] : []),
    ...(problem === undefined ? [] : [problem]),
    ...(wrong.length === 0 ? [] : [`not understood: ${wrong.join("; ")}`]),
  ].join(" · ");
}

/** e.g. `200 requests · 4.2 MB · 12 errors · over 5.4 s`. */
export function sumText({ sum, givenUp, excluded }: TableUpdate): string {
  const { requests, bytes, errors, gaps, span } = sum;
  return [
    `${countText(requests)} ${requests === 1 ? "request" : "requests"}`,
    ...(requests === 0 ? [] : [sizeText(bytes)]),
    ...(errors === 0 ? [] : [`${countText(errors)} ${errors === 1 ? "error" : "errors"}`]),
    ...(gaps === 0 ? [] : [`${countText(gaps)} with bytes lost`]),
    ...(requests < 2 ? [] : [`over ${durationText(span)}`]),
    ...(givenUp === 0 ? [] : [`${countText(givenUp)} older given up`]),
    ...(excluded === 0 ? [] : [`${countText(excluded)} not captured (tinytap.exclude)`]),
  ].join(" · ");
}
