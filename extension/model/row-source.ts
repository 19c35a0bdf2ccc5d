/** Where rows come from: what is captured, or one recording. Views hold lists of them (RowList), and hear what changes. */
import type { ExchangeRow } from "./exchange-row.ts";

/** A row came (no `before`), changed, or went (no `after`). */
export interface RowChange {
  before: ExchangeRow | undefined;
  after: ExchangeRow | undefined;
}

export interface RowSource {
  /** In order (`inOrder`): the oldest first. */
  readonly rows: readonly ExchangeRow[];
  onChange(listener: (changes: readonly RowChange[]) => void): { dispose(): void };
}

/** Rows that stay as they are. */
export function fixedRows(rows: readonly ExchangeRow[]): RowSource {
  return { rows, onChange: () => ({ dispose() {} }) };
}
