/** The rows that the page knows: a window of all, at their places. */
import type { TableRow, TableUpdate } from "../../protocol/table.ts";

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

  /** Those that are known of the places `[start, end)`, with their places. */
  between(start: number, end: number): [place: number, row: TableRow][] {
    const known: [number, TableRow][] = [];
    for (let place = Math.max(start, this.#first); place < Math.min(end, this.length); place++) {
      const row = this.at(place);
      if (row !== undefined) known.push([place, row]);
    }
    return known;
  }

  has(start: number, end: number): boolean {
    return start >= this.#first && Math.min(end, this.length) <= this.#first + this.#rows.length;
  }
}
