/** Numbers as people read them; the same in the tree, the panel and the command line. */

/** e.g. `1.2 MB`: decimal units, as network panels use. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ["kB", "MB", "GB"]) {
    value /= 1000;
    if (value < 999.5 || unit === "GB")
      return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  }
  return "";
}

/** e.g. `13 ms`, `1.3 s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 0.05) return "<0.1 ms";
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/** e.g. `12 connections not HTTP: TLS 9, PostgreSQL 3`; empty for none. `counts`: by name. */
export function othersText(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  const sum = all.reduce((total, [, count]) => total + count, 0);
  if (sum === 0) return "";
  const names = all.map(([name, count]) => `${name} ${count}`).join(", ");
  return `${sum} ${sum === 1 ? "connection" : "connections"} not HTTP: ${names}`;
}

/** e.g. `bytes 0–511`: both ends inclusive, as people count. */
export function rangeText({ start, end }: { start: number; end: number }): string {
  const [first, last] = [start, end - 1].map((offset) => offset.toLocaleString("en-US"));
  return first === last ? `byte ${first}` : `bytes ${first}–${last}`;
}
