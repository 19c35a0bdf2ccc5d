/** The rows that the page knows: a window of all, at their places. */
import type { TableRow, TableUpdate } from "../../protocol/table.ts";
import type { Span } from "./viewport.ts";

export class Rows {
  /** Rows in all. */
  length = 0;
  #first = 0;
  #rows: TableRow[] = [];

  take({ length, first, rows }: TableUpdate): void {
    const before = this.#rows;
    this.length = length;
    this.#first = first;
    this.#rows = rows.flatMap((row) => (typeof row === "number" ? (before[row] ?? []) : row));
  }

  at(place: number): TableRow | undefined {
    return this.#rows[place - this.#first];
  }

  /** -1: it is not among those that are known. */
  placeOf(key: string): number {
    const at = this.#rows.findIndex((row) => row.key === key);
    return at < 0 ? -1 : at + this.#first;
  }

  /** Those that are known of a span of places, with their places. */
  between({ first, count }: Span): [place: number, row: TableRow][] {
    const known: [number, TableRow][] = [];
    for (let place = Math.max(first, this.#first); place < Math.min(first + count, this.length); place++) {
      const row = this.at(place);
      if (row !== undefined) known.push([place, row]);
    }
    return known;
  }
}
