/** An exchange in words for the tree: captured text becomes one safe line. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";

/** Control and direction-changing characters could make a captured text look like something else. */
const deceptive = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Captured text as one line of at most `length` characters. */
export function oneLine(text: string, length = 200): string {
  const clean = text.replaceAll(deceptive, "\u{fffd}");
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}

/** e.g. `GET /path  200`. */
export function labelText({ method, target, status, state }: ExchangeSummary): string {
  const request = method === undefined ? "(request not seen)" : `${method} ${target ?? ""}`;
  return `${oneLine(request)}  ${status ?? (state === "in-flight" ? "…" : "–")}`;
}

/** e.g. `1.2 MB · 13 ms · app[4711]`. */
export function descriptionText({ size, duration, process, pid, status }: ExchangeSummary): string {
  const parts = [
    ...(status === undefined ? [] : [sizeText(size)]),
    ...(duration === undefined ? [] : [durationText(duration)]),
    `${oneLine(process, 16)}[${pid}]`,
  ];
  return parts.join(" · ");
}
