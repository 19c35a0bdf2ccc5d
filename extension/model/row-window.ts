/** Which exchanges are rows of the tree: the newest first, from the newest or from where they are held on down. */
import type { ExchangeRow } from "./exchanges.ts";
import { partsOf, type ExchangeKey, type Run } from "./run.ts";

/** Rows shown at first, and added at a time. VS Code takes every row anew when one comes. */
export const rowsPerStep = 200;
export const mostRows = 10 * rowsPerStep;

/** Where the rows come from: what is captured, or one recording. */
export interface RowSource {
  /** The oldest first, each exchange once. */
  listed(): readonly ExchangeRow[];
  /** Older ones, that can be asked for. */
  readonly unsent: number;
}

export interface Rows {
  /** Newest first. */
  shown: ExchangeRow[];
  newer: number;
  /** Also those that the helper has and has not sent. */
  older: number;
}

export class RowWindow {
  readonly #source: RowSource;
  #count = rowsPerStep;
  /** No newer row than this is shown. */
  #newest: ExchangeKey | undefined;

  constructor(source: RowSource) {
    this.#source = source;
  }

  get isHeld(): boolean {
    return this.#newest !== undefined;
  }

  /** From now on exchanges newer than `newest` only count. */
  hold(newest: ExchangeKey): void {
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
    this.#newest = (spare > 0 ? shown[0] : shown[rowsPerStep])?.key ?? this.#newest;
    this.#count = Math.min(this.#count + rowsPerStep, mostRows);
  }

  rows(): Rows {
    const all = this.#source.listed();
    const newest = this.#newest;
    const end = newest === undefined ? all.length : all.findLastIndex(({ key }) => !isAfter(key, newest)) + 1;
    if (end === 0 && newest !== undefined) {
      // What was held is gone: there is nothing to hold any more.
      this.follow();
      return this.rows();
    }
    const start = Math.max(0, end - this.#count);
    return {
      shown: all.slice(start, end).reverse(),
      newer: all.length - end,
      older: start + this.#source.unsent,
    };
  }
}

/** An exchange by its key, the run whose rows follow, a recording, or what stands for those that are not shown. */
export type Row = ExchangeKey | `run ${number}` | "older" | RecordingRow;
export type RecordingRow = `${"recording" | "newer" | "older"} ${number}`;

export const olderRow = "older";

export function isKey(row: Row): row is ExchangeKey {
  return /^\d/.test(row);
}

/** Runs begin one after the other: the time tells them apart. */
export function runRow({ began }: Run): Row {
  return `run ${began}`;
}

/** The captured exchanges' rows: between two runs stands the earlier one's line; `headed`: above the newest one also its own. */
export function rowsOf({ shown, older }: Rows, headed = false): Row[] {
  const rows = shown.flatMap(({ key, run }, i): Row[] =>
    (i > 0 || headed) && run !== undefined && run !== shown[i - 1]?.run ? [runRow(run), key] : [key],
  );
  return older > 0 ? [...rows, olderRow] : rows;
}

/** In the order of `Exchanges.all`. */
function isAfter(a: ExchangeKey, b: ExchangeKey): boolean {
  const [one, other] = [partsOf(a), partsOf(b)];
  return one.source === other.source ? one.id > other.id : one.source > other.source;
}
