/** The orders in which rows can stand: one for each column of the table. */
import type { SortColumn, Sorting } from "../../protocol/table.ts";
import { inOrder, type ExchangeRow } from "./exchange-row.ts";

export const newestFirst: Sorting = { column: "start", descending: true };

export type Compare = (a: ExchangeRow, b: ExchangeRow) => number;

/** What a column sorts by; of `start` it is the order itself. */
const values: Record<Exclude<SortColumn, "start">, (row: ExchangeRow) => string | number> = {
  status: ({ status }) => status ?? 0,
  method: ({ method }) => method ?? "",
  host: ({ host }) => host ?? "",
  path: ({ target }) => target ?? "",
  type: ({ contentType }) => contentType ?? "",
  process: ({ process }) => process,
  size: ({ size }) => size,
  // What is in flight has taken longest, as far as anybody knows.
  time: ({ duration }) => duration ?? Infinity,
};

/** Ascending; what is equal in its column stands in the order of the requests. */
export function comparing(column: SortColumn): Compare {
  if (column === "start") return inOrder;
  const value = values[column];
  return (a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === other) return inOrder(a, b);
    return one < other ? -1 : 1;
  };
}
