/** Which exchanges are rows of the tree: the newest first, from the newest or from where they are held on down. */
import type { ExchangeRow } from "./exchange-row.ts";
import type { RowList } from "./row-list.ts";
import type { ExchangeKey, Run } from "./run.ts";

/** Rows shown at first, and added at a time. VS Code takes every row anew when one comes. */
export const rowsPerStep = 200;
export const mostRows = 10 * rowsPerStep;

export interface Rows {
  /** Newest first. */
  shown: ExchangeRow[];
  newer: number;
  older: number;
}

export class RowWindow {
  /** In the order of the requests. */
  readonly list: RowList;
  #count = rowsPerStep;
  /** Rows that made room for older ones. */
  #skipped = 0;

  constructor(list: RowList) {
    this.list = list;
  }

  get isHeld(): boolean {
    return this.list.isHeld;
  }

  /** From now on exchanges newer than `newest` only count. */
  hold(newest?: ExchangeRow): void {
    this.list.hold(newest);
  }

  /** Shows the newest. */
  follow(): void {
    this.list.follow();
    this.#count = rowsPerStep;
    this.#skipped = 0;
  }

  /** Shows some more, and holds; beyond `mostRows` the newest make room. */
  showOlder(): void {
    const { shown } = this.rows();
    this.hold(shown[0]);
    if (this.#count < mostRows) this.#count += rowsPerStep;
    else this.#skipped += rowsPerStep;
  }

  rows(): Rows {
    const { list } = this;
    list.refresh();
    // What was held may have gone, or be hidden by another filter.
    if (!list.isHeld && (this.#skipped > 0 || this.#count > rowsPerStep)) this.follow();
    if (this.#skipped >= list.length) this.#skipped = 0;
    const end = this.#skipped + this.#count;
    return {
      shown: list.slice(this.#skipped, end),
      newer: list.newer + this.#skipped,
      older: Math.max(list.length - end, 0),
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
