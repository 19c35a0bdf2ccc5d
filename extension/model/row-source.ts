/** Where rows come from: what is captured, or one recording. Views hold lists of them (RowList), and hear what changes. */
import type { ExchangeRow } from "./exchange-row.ts";
import { isListed } from "./other-ends.ts";
import { partsOf, type ExchangeKey } from "./run.ts";

/** A row came (no `before`), changed, or went (no `after`). */
export interface RowChange {
  before: ExchangeRow | undefined;
  after: ExchangeRow | undefined;
}

export interface RowSource {
  /** In order (`inOrder`): the oldest first. */
  readonly rows: readonly ExchangeRow[];
  /** What was captured on both ends of its connection is listed once. */
  isListed(row: ExchangeRow): boolean;
  onChange(listener: (changes: readonly RowChange[]) => void): { dispose(): void };
}

/** Those of a recording, which stay as they are; their ids count them, from 1. */
export function fixedRows(rows: readonly ExchangeRow[]): RowSource {
  const get = (key: ExchangeKey) => rows[partsOf(key).id - 1];
  return { rows, isListed: (row) => isListed(row, get), onChange: () => ({ dispose() {} }) };
}
