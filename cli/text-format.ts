import type { Exchange } from "../protocol/exchange.ts";
import { printable } from "../protocol/printable.ts";
import { headCutTexts, missingText } from "../protocol/reasons.ts";
import { stateText } from "../protocol/states.ts";

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
  return why.length === 0 ? line : `${line} incomplete: ${why.join("; ")}`;
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

/** How the exchange and its bodies ended, where it was before their end; and why heads' or bodies' bytes are missing. Each once. */
function incomplete(exchange: Exchange): string[] {
  const { state, request, response } = exchange;
  const bodies = [request?.body, response?.body].filter((body) => body !== undefined);
  const ends = [state, ...bodies.map(({ end }) => end)].filter((end) => end !== "complete");
  const reasons = bodies.flatMap(({ missing }) => missing.map(({ reason }) => missingText[reason]));
  const cuts = headCutTexts(exchange);
  return [...new Set([...ends.map((end) => stateText[end]), ...cuts, ...reasons])];
}

function clockTime(unixMilliseconds: number): string {
  const time = new Date(unixMilliseconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const fraction = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${fraction}`;
}
