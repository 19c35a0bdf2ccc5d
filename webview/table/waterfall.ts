/** The waterfall: when each exchange was under way, on an axis that the rows in view span. */
import type { TableRow } from "../../protocol/table.ts";

/** Unix time in milliseconds. */
export interface Axis {
  from: number;
  to: number;
}

/** Parts of the axis, from 0 to 1. */
export interface Bar {
  kind: "waiting" | "moving" | "running";
  left: number;
  width: number;
}

/** Nothing is drawn wider than it was because there is little of it. */
const leastSpan = 10;

/** Of the axis, for what is in flight and began last: it is seen to go on. */
const room = 0.08;

/** What has ended spans it: what is in flight goes on at its right end. `now`: Unix time where they were seen. */
export function axisOf(rows: readonly TableRow[], now: number): Axis {
  let [from, to] = [Infinity, -Infinity];
  for (const { start, duration } of rows) {
    from = Math.min(from, start);
    to = Math.max(to, start + (duration ?? 0));
  }
  if (from === Infinity) return { from: now - leastSpan, to: now };
  const inFlight = rows.filter(({ state }) => state === "in-flight");
  if (inFlight.length === rows.length) to = Math.max(to, now);
  else if (inFlight.length > 0) to += room * (to - from);
  return { from, to: Math.max(to, from + leastSpan) };
}

/** Waiting up to the response's first byte, then its bytes moving. */
export function barsOf({ state, start, responseStart, duration }: TableRow, { from, to }: Axis): Bar[] {
  const at = (time: number) => Math.min(Math.max((time - from) / (to - from), 0), 1);
  const bar = (kind: Bar["kind"], begin: number, end: number): Bar => ({
    kind,
    left: at(begin),
    width: at(end) - at(begin),
  });
  const first = start + (responseStart ?? duration ?? 0);
  if (state === "in-flight") {
    const waiting = responseStart === undefined ? [] : [bar("waiting", start, first)];
    return [...waiting, bar("running", first, to)];
  }
  const end = start + (duration ?? 0);
  return [bar("waiting", start, first), ...(end > first ? [bar("moving", first, end)] : [])];
}
