/**
 * What a view shows of a source: the rows that pass, in some order, kept true by what changes and not by looking at all
 * of them again. It can be held: rows that are newer only count then, until it follows again.
 */
import type { Sorting } from "../../protocol/table.ts";
import type { ExchangeRow } from "./exchange-row.ts";
import { inOrder } from "./exchange-row.ts";
import { comparing, newestFirst, type Compare } from "./row-order.ts";
import type { RowChange, RowSource } from "./row-source.ts";
import type { ExchangeKey } from "./run.ts";
import { addSorted, placeIn, removeAll } from "./sorted.ts";

/** Changes that may wait for somebody to look: of a view that is hidden nobody does. */
const mostPending = 5000;

export type Passes = (row: ExchangeRow) => boolean;

export class RowList {
  #source: RowSource;
  #passes: Passes;
  #sorting: Sorting;
  #compare: Compare;
  /** Ascending, whatever the order. */
  #rows: ExchangeRow[] = [];
  /** Changes that are not in `#rows` yet: of each row what it was there, and what it is now. */
  readonly #pending = new Map<ExchangeKey, RowChange>();
  /** `#rows` isn't what it was when somebody last looked. */
  #isNews = false;
  /** No newer row than this is shown. */
  #held: ExchangeRow | undefined;
  /** Rows that pass, and are newer. */
  readonly #newer = new Set<ExchangeKey>();
  #subscription: { dispose(): void };

  constructor(source: RowSource, passes: Passes = () => true, sorting: Sorting = newestFirst) {
    this.#source = source;
    this.#passes = passes;
    this.#sorting = sorting;
    this.#compare = comparing(sorting.column);
    this.#subscription = this.#listen();
    this.#rebuild();
  }

  get length(): number {
    return this.#rows.length;
  }

  get sorting(): Sorting {
    return this.#sorting;
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Rows that are held back. */
  get newer(): number {
    return this.#newer.size;
  }

  /** All of them, in no order that counts. True for now. */
  get all(): readonly ExchangeRow[] {
    return this.#rows;
  }

  /** The rows from place `start` on, before place `end`, as they stand in the order. */
  slice(start: number, end: number): ExchangeRow[] {
    if (!this.#sorting.descending) return this.#rows.slice(start, end);
    const { length } = this;
    return this.#rows.slice(Math.max(length - end, 0), Math.max(length - start, 0)).reverse();
  }

  /** The place of a row in the order, as it is or was; -1: it is not among them. */
  placeOf(row: ExchangeRow | undefined): number {
    const at = row === undefined ? -1 : this.#find(row);
    return at < 0 || !this.#sorting.descending ? at : this.length - 1 - at;
  }

  show(source: RowSource, passes: Passes): void {
    if (source !== this.#source) {
      this.#subscription.dispose();
      this.#source = source;
      this.#held = undefined;
      this.#subscription = this.#listen();
    }
    this.#passes = passes;
    this.#rebuild();
  }

  sort(sorting: Sorting): void {
    this.#sorting = sorting;
    this.#compare = comparing(sorting.column);
    this.#rebuild();
  }

  /** From now on rows that are newer than `newest` only count; where it is held already, that stays. */
  hold(newest: ExchangeRow | undefined = this.#source.rows.at(-1)): void {
    if (this.#held !== undefined || newest === undefined) return;
    this.#held = newest;
    this.#rebuild();
  }

  follow(): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    this.#rebuild();
  }

  /** What is known of rows has changed by which they pass, but not the rows. */
  reconsider(rows: readonly ExchangeRow[]): void {
    this.#take(rows.map((row) => ({ before: row, after: row })));
  }

  /** Takes over what has changed; gives whether anything has. */
  refresh(): boolean {
    this.#settle();
    const isNews = this.#isNews;
    this.#isNews = false;
    return isNews;
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #settle(): void {
    if (this.#pending.size === 0) return;
    this.#isNews = true;
    const gone = new Set<ExchangeRow>();
    const come: ExchangeRow[] = [];
    let isHeldGone = false;
    for (const [key, { before, after }] of this.#pending) {
      const at = before === undefined ? -1 : this.#find(before);
      const shown = after !== undefined && this.#shows(after, key);
      if (after === undefined) {
        this.#newer.delete(key);
        isHeldGone ||= key === this.#held?.key;
      }
      if (at >= 0 && shown && this.#compare(this.#rows[at]!, after) === 0) this.#rows[at] = after;
      else {
        if (at >= 0) gone.add(this.#rows[at]!);
        if (shown) come.push(after);
      }
    }
    this.#pending.clear();
    removeAll(this.#rows, gone);
    addSorted(this.#rows, come.sort(this.#compare), this.#compare);
    // What was held is gone, and all that was below it but what is in flight: there is nothing to hold any more.
    if (isHeldGone || (this.length === 0 && this.#newer.size > 0)) this.follow();
  }

  #listen(): { dispose(): void } {
    return this.#source.onChange((changes) => this.#take(changes));
  }

  #take(changes: readonly RowChange[]): void {
    for (const { before, after } of changes) {
      const { key } = (after ?? before)!;
      const earlier = this.#pending.get(key);
      this.#pending.set(key, earlier ? { before: earlier.before, after } : { before, after });
    }
    if (this.#pending.size > mostPending) this.#settle();
  }

  #rebuild(): void {
    this.#isNews = true;
    this.#pending.clear();
    this.#newer.clear();
    this.#rows = this.#source.rows.filter((row) => this.#shows(row));
    if (this.#compare !== inOrder) this.#rows.sort(this.#compare);
  }

  /** Whether it passes, and isn't held back: then it counts. */
  #shows(row: ExchangeRow, key?: ExchangeKey): boolean {
    const passes = this.#passes(row);
    const isBack = this.#held !== undefined && inOrder(row, this.#held) > 0;
    if (!isBack) return passes;
    if (passes) this.#newer.add(key ?? row.key);
    else this.#newer.delete(key ?? row.key);
    return false;
  }

  /** Its index in `#rows`; -1: it is not among them. */
  #find(row: ExchangeRow): number {
    const { at, found } = placeIn(this.#rows, (other) => this.#compare(other, row));
    return found ? at : -1;
  }
}
