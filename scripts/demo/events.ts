/** What happens in the demo's window, told by the demo's extension in a file, and printed as it comes. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { say, SetupError } from "../progress.mjs";

export type Event = { step: string } | { exchange: ExchangeSummary } | { done: string } | { failed: string };

/** The events in the file, those to come included. */
export async function* tail(file: string): AsyncGenerator<Event> {
  for (let taken = 0; ; await sleep(100)) {
    const text = readFileSync(file, "utf8");
    const whole = text.slice(taken, text.lastIndexOf("\n") + 1);
    taken += whole.length;
    for (const line of whole.split("\n")) if (line !== "") yield JSON.parse(line);
  }
}

/** Prints what happens until VS Code shows the body. */
export async function show(events: AsyncGenerator<Event>): Promise<void> {
  console.log(row("METHOD", "TARGET", "STATUS", "SIZE", "TIME", "PROCESS"));
  for (;;) {
    const next = await Promise.race([events.next(), sleep(180_000, undefined, { ref: false })]);
    if (next === undefined) throw new SetupError("nothing happened for 3 minutes");
    print(next.value);
    if ("failed" in next.value) throw new SetupError(next.value.failed);
    if ("done" in next.value) return;
  }
}

/** Goes on printing what happens in the user's window. */
export async function showOn(events: AsyncGenerator<Event>): Promise<void> {
  for await (const event of events) print(event);
}

function print(event: Event): void {
  if ("step" in event) say(event.step);
  else if ("exchange" in event) console.log(rowOf(event.exchange));
  else if ("failed" in event) say(event.failed);
}

function rowOf({ method, target, status, size, duration, process, pid, missing }: ExchangeSummary): string {
  const time = duration === undefined ? "" : durationText(duration);
  const length = sizeText(size) + (missing > 0 ? " (gaps)" : "");
  return row(method ?? "?", target ?? "?", String(status ?? "?"), length, time, `${process}[${pid}]`);
}

function row(
  method: string,
  target: string,
  status: string,
  size: string,
  time: string,
  process: string,
): string {
  return [
    method.padEnd(6),
    target.padEnd(24),
    status.padEnd(6),
    size.padStart(9),
    time.padStart(9),
    ` ${process}`,
  ].join(" ");
}
