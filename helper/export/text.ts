import type { Exchange } from "../../protocol/exchange.ts";
import { missingText, stateText } from "../../protocol/reasons.ts";

/** One line for a terminal, without its line feed. Local time. */
export function formatText(exchange: Exchange): string {
  const { role, pid, request, response } = exchange;
  const line = [
    clockTime(exchange.start),
    role,
    String(pid),
    printable(request?.method ?? "-"),
    printable(request?.target ?? "-"),
    response === undefined ? "-" : String(response.status),
    response === undefined ? "-" : formatSize(response.body.size),
    exchange.duration === undefined ? "-" : formatDuration(exchange.duration),
  ].join(" ");
  const why = incomplete(exchange);
  return why === undefined ? line : `${line} incomplete: ${why}`;
}

/** Captured text as it may be shown on a terminal: nothing in it can move the cursor or change a colour. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Of milliseconds. */
export function formatDuration(duration: number): string {
  return duration < 1000 ? `${duration.toFixed(1)} ms` : `${(duration / 1000).toFixed(2)} s`;
}

function incomplete({ state, request, response }: Exchange): string | undefined {
  const missing = [...(request?.body.missing ?? []), ...(response?.body.missing ?? [])];
  const reasons = new Set(missing.map(({ reason }) => missingText[reason]));
  if (reasons.size > 0) return [...reasons].join("; ");
  return state === "complete" || state === "in-flight" ? undefined : stateText[state];
}

function clockTime(unixMilliseconds: number): string {
  const time = new Date(unixMilliseconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const fraction = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${fraction}`;
}
