import type { Arrival } from "../protocol/exchange.ts";

/** When the byte before `end` came: milliseconds from the exchange's start; undefined where nobody knows. */
export function arrivedAt(arrivals: readonly Arrival[] | undefined, end: number): number | undefined {
  return arrivals?.findLast(([start]) => start < end)?.[1];
}
