/** An exchange in words, as a row of the tree or the table says it: captured text becomes one safe line. */
import type { ExchangeSummary } from "./exchange.ts";
import { durationText, sizeText } from "./format.ts";
import { codeName } from "./grpc.ts";
import { oneLine } from "./one-line.ts";
import { lookOf } from "./states.ts";

export interface Outcome {
  /** What differs from the usual, e.g. `in flight 4.9 s`, `4.3 MB lost`; empty where the code says all. */
  word: string;
  /** e.g. `13 ms`; empty while it is in flight. */
  time: string;
  /** e.g. `1.2 MB`; empty without a response. */
  size: string;
}

/** `now`: Unix time in milliseconds. */
export function outcomeOf(summary: ExchangeSummary, now: number): Outcome {
  const { state, start, size, duration, status } = summary;
  const { word } = lookOf(summary);
  return {
    word: state === "in-flight" ? `${word} ${elapsedText(start, now)}` : word,
    time: duration === undefined ? "" : durationText(duration),
    size: status === undefined || state === "in-flight" ? "" : sizeText(size),
  };
}

/** e.g. `GET /path`; of what the program asked of others `GET stock:9090/path`. */
export function requestText(summary: ExchangeSummary): string {
  const { method, target = "", host = "", role } = summary;
  if (role === "client" && method !== undefined && target.startsWith("/"))
    return oneLine(`${method} ${host}${target}`);
  return oneLine(methodAndTarget(summary));
}

/** e.g. `200`, and of a call by gRPC that failed `200 · NOT_FOUND`. */
export function statusText({ status, grpcStatus = 0 }: ExchangeSummary): string {
  if (status === undefined) return "no response";
  return grpcStatus > 0 ? `${status} · ${codeName(grpcStatus)}` : String(status);
}

export function methodAndTarget({ method, target }: ExchangeSummary): string {
  return method === undefined ? "(request not seen)" : `${method} ${target ?? ""}`;
}

/** A row as one sentence, what matters first: for who hears it. */
export function sentenceText(summary: ExchangeSummary, now: number): string {
  const { role, contentType, start, grpcStatus = 0 } = summary;
  const { word, time, size } = outcomeOf(summary, now);
  const status = statusText(summary);
  const parts = [
    status,
    requestText(summary),
    role === "client" ? "made by the program" : "",
    oneLine(contentType ?? ""),
    // What the status has said isn't said again.
    ...[word === codeName(grpcStatus) ? "" : word, time, size],
    new Date(start).toLocaleTimeString(),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** How long something has gone on: tenths of a second up to a minute, so that it is seen to go on. */
export function elapsedText(start: number, now: number): string {
  const seconds = Math.max(0, now - start) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : durationText(seconds * 1000);
}
