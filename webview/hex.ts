/** A hex dump as lines, each extent under a label of its own. */
import { missingText } from "../protocol/reasons.ts";
import { clip, type Extent } from "./extents.ts";

export const bytesPerRow = 16;

export type HexLine =
  { kind: "source" | "gap"; text: string } | { kind: "row"; offset: string; hex: string; ascii: string };

/** `bytes` begin at `start` in the body. Rows begin at multiples of 16, and break where an extent ends. */
export function hexLines(bytes: Uint8Array, start: number, extents: Extent[]): HexLine[] {
  const lines: HexLine[] = [];
  for (const extent of clip(extents, start, start + bytes.length)) {
    const place = rangeText(extent);
    if (extent.kind === "missing") {
      lines.push({ kind: "gap", text: `${place} missing: ${missingText[extent.reason]}` });
      continue;
    }
    lines.push({ kind: "source", text: `${place} by ${extent.source}` });
    for (let from = extent.start; from < extent.end;) {
      const row = Math.floor(from / bytesPerRow) * bytesPerRow;
      const to = Math.min(row + bytesPerRow, extent.end);
      lines.push(rowLine(bytes.subarray(from - start, to - start), row, from - row));
      from = to;
    }
  }
  return lines;
}

/** A hex dump of bytes that all are there. */
export function hexText(bytes: Uint8Array): string {
  const rows = Array.from({ length: Math.ceil(bytes.length / bytesPerRow) }, (_, i) =>
    rowLine(bytes.subarray(i * bytesPerRow, (i + 1) * bytesPerRow), i * bytesPerRow, 0),
  );
  return rows.map((row) => (row.kind === "row" ? `${row.offset}  ${row.hex}  ${row.ascii}` : "")).join("\n");
}

/** e.g. `bytes 0–511`: both ends inclusive, as people count. */
export function rangeText({ start, end }: { start: number; end: number }): string {
  const [first, last] = [start, end - 1].map((offset) => offset.toLocaleString("en-US"));
  return first === last ? `byte ${first}` : `bytes ${first}–${last}`;
}

function rowLine(bytes: Uint8Array, row: number, indent: number): HexLine {
  const cells = Array.from({ length: bytesPerRow }, (_, i) => {
    const byte = bytes[i - indent];
    return byte === undefined ? "  " : byte.toString(16).padStart(2, "0");
  });
  const ascii = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
  return {
    kind: "row",
    offset: row.toString(16).padStart(8, "0"),
    hex: `${cells.slice(0, 8).join(" ")}  ${cells.slice(8).join(" ")}`,
    ascii: " ".repeat(indent) + ascii,
  };
}
