/** Of all rows those that are listed, each exchange once: what was captured on both ends of its connection has two rows. */
import { inOrder, placeOf, type ExchangeRow } from "./exchange-row.ts";
import { Listeners } from "./listeners.ts";
import { isListed } from "./other-ends.ts";
import type { RowChange, RowSource } from "./row-source.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "./run.ts";
import { addSorted, removeAll } from "./sorted.ts";

export interface KeyedRows extends RowSource {
  get(key: ExchangeKey): ExchangeRow | undefined;
}

export class ListedRows implements RowSource {
  readonly rows: ExchangeRow[] = [];
  readonly #all: KeyedRows;
  readonly #listeners = new Listeners<readonly RowChange[]>();

  /** It lives as long as `all` does, which has no rows yet. */
  constructor(all: KeyedRows) {
    this.#all = all;
    all.onChange((changes) => this.#listeners.fire(this.#take(changes)));
  }

  onChange(listener: (changes: readonly RowChange[]) => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** A row that comes, or goes, may take its other end's place, or leave it. */
  #take(changes: readonly RowChange[]): RowChange[] {
    const keys = new Set<ExchangeKey>();
    for (const { before, after } of changes) {
      const row = (after ?? before)!;
      keys.add(row.key);
      if (row.otherEnd !== undefined) keys.add(exchangeKey(row.source, row.otherEnd));
    }
    const made: RowChange[] = [];
    const gone = new Set<ExchangeRow>();
    const come: ExchangeRow[] = [];
    for (const key of keys) {
      const { source, id } = partsOf(key);
      const { at, found } = placeOf(this.rows, source, id);
      const before = found ? this.rows[at] : undefined;
      const after = this.#listed(key);
      if (before === after) continue;
      made.push({ before, after });
      if (before === undefined) come.push(after!);
      else if (after === undefined) gone.add(before);
      else this.rows[at] = after;
    }
    removeAll(this.rows, gone);
    addSorted(this.rows, come.sort(inOrder), inOrder);
    return made;
  }

  #listed(key: ExchangeKey): ExchangeRow | undefined {
    const row = this.#all.get(key);
    return row && isListed(row, (other) => this.#all.get(other)) ? row : undefined;
  }
}
