/** An exchange in words for the tree. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { oneLine } from "../../protocol/one-line.ts";
import { methodAndTarget, outcomeOf, requestText, statusText } from "../../protocol/row-text.ts";
import { headCutReason } from "../../protocol/reasons.ts";
import { stateText } from "../../protocol/states.ts";
import { shortTarget } from "./short-target.ts";
import { textWidth } from "./text-width.ts";

/** Pixels that a row's text has in a side bar of 300, VS Code's first width: an extension isn't told the width. */
const usual = 244;
/** Those that are taken by the indent of a tree in which something can be folded: a recording. */
const indent = 28;
/** VS Code's sizes of a row's label and description, and what is between them. */
const labelSize = 13;
const descriptionSize = 11.7;
const between = 7;
/** A target is never cut below this. */
const leastTarget = 5;
/** Nor is more shown of a process's name. */
const mostName = 12;

export interface RowTextOptions {
  /** Something in the tree can be folded. */
  indented?: boolean;
  /** Whose it is, where there are several. */
  process?: string;
  /** Pixels that are seen, the indent counted. */
  width?: number;
}

/**
 * What a row shows, e.g. `200 GET /path` and `13 ms · 56 B`; of what the program asked of others `200 GET stock:9090/path`.
 * What has no room is left out: the size, which cut would read as another one, then the host, then parts of the path.
 * `now`: Unix time in milliseconds.
 */
export function rowText(
  summary: ExchangeSummary,
  now: number,
  { indented = false, process, width = usual }: RowTextOptions = {},
): { label: string; description: string } {
  const { status, state, grpcStatus = 0 } = summary;
  const lead = `${status ?? (state === "in-flight" ? "…" : "–")} `;
  const { word, time, size } = outcomeOf(summary, now);
  const name = process === undefined ? "" : oneLine(process, mostName);
  const seen = indented ? width - indent : width;
  const described = (...parts: string[]) => parts.filter((part) => part !== "").join(" · ");
  // A call by gRPC that failed is told as an exchange that did, by its time too.
  const isFailedCall = state === "complete" && grpcStatus > 0;
  const whole =
    word === ""
      ? described(name, time, size)
      : isFailedCall
        ? described(name, word, time)
        : described(name, word);
  const room = (description: string) => seen - between - textWidth(description, descriptionSize);
  const fits = textWidth(lead + requestText(summary), labelSize) <= room(whole);
  const short = word === "" ? described(name, time === "" ? size : time) : described(name, word);
  const description = fits ? whole : short;
  return { label: lead + shortRequest(summary, room(description) - textWidth(lead, labelSize)), description };
}

/** The request in `room` pixels, where it can be told in so few. */
function shortRequest(summary: ExchangeSummary, room: number): string {
  const whole = requestText(summary);
  const { method, target } = summary;
  const fits = (text: string) => textWidth(text, labelSize) <= room;
  if (fits(whole) || method === undefined || target === undefined) return whole;
  const clean = oneLine(target);
  for (let limit = clean.length; limit > leastTarget; limit--) {
    const text = `${method} ${shortTarget(clean, limit)}`;
    if (fits(text)) return text;
  }
  return `${method} ${shortTarget(clean, leastTarget)}`;
}

/**
 * `otherEnd`: the same exchange as the other end has it. `nameOf`: what processes are called. Plain text: captured text in
 * Markdown could bring links and pictures.
 */
export function tooltipText<Summary extends ExchangeSummary>(
  summary: Summary,
  otherEnd?: Summary,
  nameOf = (each: Summary) => each.process,
): string {
  const { host, status, contentType, size, duration, start, role, state, missing, headCut } = summary;
  const ends = role === "server" ? [otherEnd, summary] : [summary, otherEnd];
  const moved = ["sent", "received"].flatMap((verb, i) => {
    const end = ends[i];
    return end === undefined ? [] : [`${verb} by ${oneLine(nameOf(end))}[${end.pid}]`];
  });
  const lines = [
    oneLine(methodAndTarget(summary), 1000),
    host === undefined ? "" : `Host: ${oneLine(host)}`,
    status === undefined ? "" : `Status: ${statusText(summary)}`,
    contentType === undefined ? "" : `Type: ${oneLine(contentType)}`,
    status === undefined ? "" : `Response body: ${sizeText(size)}`,
    missing > 0 ? `Not captured: ${sizeText(missing)}` : "",
    headCut === undefined ? "" : `A head ${headCutReason[headCut]}`,
    `Started: ${new Date(start).toLocaleTimeString()}${duration === undefined ? "" : `, took ${durationText(duration)}`}`,
    `Request ${moved.join(", ")}; ${stateText[state]}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}

export interface Counts {
  /** All that was captured. */
  total: number;
  /** Of those the ones that pass the filter; undefined: there is none. */
  shown?: number | undefined;
  /** Of those the ones that are held back. */
  newer: number;
  /** Those that the limits took. */
  givenUp: number;
  /** Those that the settings kept from being captured. */
  excluded?: number;
  /** Those that are still being looked into. */
  open?: number;
}

/** What stands above the rows, e.g. `12 new · 10,000 exchanges · 2,345 older given up`, or `153 of 200`. */
export function messageText({ total, shown, newer, givenUp, excluded = 0, open = 0 }: Counts): string {
  const parts = [
    newer > 0 ? `${countText(newer)} new` : "",
    shown === undefined ? exchangesText(total) : `${countText(shown)} of ${exchangesText(total)}`,
    open > 0 ? `looking into ${countText(open)}…` : "",
    givenUp > 0 ? `${countText(givenUp)} older given up` : "",
    excludedText(excluded),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** Empty for none. */
export function excludedText(count: number): string {
  return count > 0 ? `${countText(count)} not captured (tinytap.exclude)` : "";
}

export function exchangesText(count: number): string {
  return `${countText(count)} ${count === 1 ? "exchange" : "exchanges"}`;
}

export function countText(count: number): string {
  return count.toLocaleString("en-US");
}
