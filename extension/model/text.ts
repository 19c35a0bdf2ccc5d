/** An exchange in words for the tree: captured text becomes one safe line. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { lookOf, stateText } from "../../protocol/states.ts";
import { shortTarget } from "./short-target.ts";

/** Control and direction-changing characters could make a captured text look like something else. */
const deceptive = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Captured text as one line of at most `length` characters. */
export function oneLine(text: string, length = 200): string {
  const clean = text.replaceAll(deceptive, "\u{fffd}");
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}

/** Characters of a row that are seen in a side bar of 300 px, VS Code's first width: an extension isn't told the width. */
const usual = 34;
/** Those that are taken by the indent of a tree in which something can be folded: a recording. */
const indent = 4;
/** A target is never cut below this. */
const leastTarget = 11;

/**
 * What a row shows, e.g. `200 GET /path` and `13 ms`; of what the program asked of others `200 GET stock:9090/path`. What
 * has no room is left out: the size, which cut would read as another one, then the host, then parts of the path.
 * `now`: Unix time in milliseconds. `width`: characters that are seen, the indent counted.
 */
export function rowText(
  summary: ExchangeSummary,
  now: number,
  { indented = false, width = usual } = {},
): { label: string; description: string } {
  const { status, state } = summary;
  const lead = `${status ?? (state === "in-flight" ? "…" : "–")} `;
  const outcome = outcomeOf(summary, now);
  const whole = `${lead}${requestText(summary)} ${outcome.join(" · ")}`;
  const endsOnSize = status !== undefined && state !== "in-flight";
  const seen = indented ? width - indent : width;
  if (endsOnSize && whole.length > seen) outcome.pop();
  const description = outcome.join(" · ");
  const room = seen - lead.length - description.length - 1;
  return { label: lead + shortRequest(summary, room), description };
}

/** The request in `room` characters, where it can be told in so few. */
function shortRequest(summary: ExchangeSummary, room: number): string {
  const whole = requestText(summary);
  const { method, target } = summary;
  if (whole.length <= room || method === undefined || target === undefined) return whole;
  const lead = `${method} `;
  return lead + shortTarget(oneLine(target), Math.max(room - lead.length, leastTarget));
}

/** e.g. `13 ms` and `1.2 MB`, or `in flight 4.9 s`. */
function outcomeOf(summary: ExchangeSummary, now: number): string[] {
  const { state, start, size, duration, status } = summary;
  const { word } = lookOf(summary);
  if (state === "in-flight") return [`${word} ${elapsedText(start, now)}`];
  const parts = [
    word,
    duration === undefined ? "" : durationText(duration),
    status === undefined ? "" : sizeText(size),
  ];
  return parts.filter((part) => part !== "");
}

/** A row as one sentence, what matters first: for who hears it. */
export function sentenceText(summary: ExchangeSummary, now: number): string {
  const { status, role, contentType, start } = summary;
  const parts = [
    status === undefined ? "no response" : String(status),
    requestText(summary),
    role === "client" ? "made by the program" : "",
    oneLine(contentType ?? ""),
    ...outcomeOf(summary, now),
    new Date(start).toLocaleTimeString(),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** `otherEnd`: the same exchange as the other end has it. Plain text: captured text in Markdown could bring links and pictures. */
export function tooltipText(summary: ExchangeSummary, otherEnd?: ExchangeSummary): string {
  const { host, status, contentType, size, duration, start, role, state, incomplete } = summary;
  const ends = role === "server" ? [otherEnd, summary] : [summary, otherEnd];
  const moved = ["sent", "received"].flatMap((verb, i) => {
    const end = ends[i];
    return end === undefined ? [] : [`${verb} by ${oneLine(end.process)}[${end.pid}]`];
  });
  const lines = [
    oneLine(methodAndTarget(summary), 1000),
    host === undefined ? "" : `Host: ${oneLine(host)}`,
    status === undefined ? "" : `Status: ${status}`,
    contentType === undefined ? "" : `Type: ${oneLine(contentType)}`,
    status === undefined
      ? ""
      : `Response body: ${sizeText(size)}${incomplete ? " (some bytes were not captured)" : ""}`,
    `Started: ${new Date(start).toLocaleTimeString()}${duration === undefined ? "" : `, took ${durationText(duration)}`}`,
    `Request ${moved.join(", ")}; ${stateText[state]}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}

/** e.g. `12 new · 10,000 exchanges · 2,345 older given up`: what stands above the rows. */
export function messageText({
  total,
  newer,
  givenUp,
}: Record<"total" | "newer" | "givenUp", number>): string {
  const parts = [
    newer > 0 ? `${countText(newer)} new` : "",
    exchangesText(total),
    givenUp > 0 ? `${countText(givenUp)} older given up` : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

export function exchangesText(count: number): string {
  return `${countText(count)} ${count === 1 ? "exchange" : "exchanges"}`;
}

export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

function requestText(summary: ExchangeSummary): string {
  const { method, target = "", host = "", role } = summary;
  if (role === "client" && method !== undefined && target.startsWith("/"))
    return oneLine(`${method} ${host}${target}`);
  return oneLine(methodAndTarget(summary));
}

function methodAndTarget({ method, target }: ExchangeSummary): string {
  return method === undefined ? "(request not seen)" : `${method} ${target ?? ""}`;
}

function elapsedText(start: number, now: number): string {
  const seconds = Math.max(0, now - start) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : durationText(seconds * 1000);
}
