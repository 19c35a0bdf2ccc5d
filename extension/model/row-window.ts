/** Which exchanges are rows of the tree: the newest first, from the newest or from where they are held on down. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import type { Exchanges } from "./exchanges.ts";

/** Rows shown at first, and added at a time. VS Code takes every row anew when one comes. */
export const rowsPerStep = 200;
export const mostRows = 10 * rowsPerStep;

export interface Rows {
  /** Newest first. */
  shown: ExchangeSummary[];
  newer: number;
  /** Also those that the helper has and has not sent. */
  older: number;
}

export class RowWindow {
  readonly #exchanges: Exchanges;
  #count = rowsPerStep;
  /** No newer row than this is shown. */
  #newest: number | undefined;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
  }

  get isHeld(): boolean {
    return this.#newest !== undefined;
  }

  /** From now on exchanges newer than `newest` only count. */
  hold(newest: number): void {
    this.#newest ??= newest;
  }

  /** Shows the newest. */
  follow(): void {
    this.#newest = undefined;
    this.#count = rowsPerStep;
  }

  /** Shows some more, and holds; beyond `mostRows` the newest make room. */
  showOlder(): void {
    const { shown } = this.rows();
    const spare = mostRows - this.#count;
    this.#newest = (spare > 0 ? shown[0] : shown[rowsPerStep])?.id ?? this.#newest;
    this.#count = Math.min(this.#count + rowsPerStep, mostRows);
  }

  rows(): Rows {
    const all = this.#exchanges.all();
    const newest = this.#newest;
    const end = newest === undefined ? all.length : all.findLastIndex(({ id }) => id <= newest) + 1;
    if (end === 0 && newest !== undefined) {
      // What was held is gone: there is nothing to hold any more.
      this.follow();
      return this.rows();
    }
    const start = Math.max(0, end - this.#count);
    return {
      shown: all.slice(start, end).reverse(),
      newer: all.length - end,
      older: start + this.#exchanges.unsent,
    };
  }
}
