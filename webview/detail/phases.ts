/** An exchange's time, cut into what it was spent on. */
import type { Exchange } from "../../protocol/exchange.ts";
import { durationText } from "../../protocol/format.ts";

export interface Phase {
  kind: "request" | "waiting" | "download";
  /** Milliseconds from the exchange's start. */
  start: number;
  end: number;
  /** It goes on. */
  open: boolean;
}

export const phaseText: Record<Phase["kind"], string> = {
  request: "request",
  waiting: "waiting",
  download: "download",
};

/** In order, without holes. `elapsed`: milliseconds since the start, of one in flight. None where its duration isn't known. */
export function phasesOf(exchange: Exchange, elapsed: number): Phase[] {
  const { state, requestEnd, responseStart } = exchange;
  const open = state === "in-flight";
  const total = exchange.duration ?? (open ? elapsed : undefined);
  if (total === undefined) return [];
  // A response may begin before its request has ended: what they share counts as the response's.
  const answered = Math.min(responseStart ?? total, total);
  const isAsking = open && requestEnd === undefined && responseStart === undefined;
  const asked = isAsking ? total : Math.min(requestEnd ?? 0, answered);
  const isKnown = requestEnd !== undefined || responseStart !== undefined;
  return [
    ...(isAsking || requestEnd !== undefined
      ? [{ kind: "request" as const, start: 0, end: asked, open: isAsking }]
      : []),
    ...(isKnown
      ? [{ kind: "waiting" as const, start: asked, end: answered, open: open && responseStart === undefined }]
      : []),
    ...(responseStart === undefined
      ? []
      : [{ kind: "download" as const, start: answered, end: total, open }]),
  ];
}

/** e.g. `request 0.1 ms, waiting 35 ms, download 3.1 ms so far`. */
export function phasesText(phases: readonly Phase[]): string {
  return phases.map((phase) => `${phaseText[phase.kind]} ${lengthText(phase)}`).join(", ");
}

export function lengthText({ start, end, open }: Phase): string {
  return `${durationText(end - start)}${open ? " so far" : ""}`;
}

/** Who waited for whom: of HTTP/2, where a side could send no more until the other took more. */
export function stallTexts({ request, response }: NonNullable<Exchange["stalled"]>): string[] {
  return [
    ...(request === undefined
      ? []
      : [`the request waited ${durationText(request)} for the server to take more`]),
    ...(response === undefined
      ? []
      : [`the response waited ${durationText(response)} for the client to take more`]),
  ];
}
