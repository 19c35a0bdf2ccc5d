/** A hex dump as lines, each extent under a label of its own. */
import { rangeText } from "../../protocol/format.ts";
import { gapText } from "../../protocol/reasons.ts";
import { clip, type Extent } from "./extents.ts";
import { wholeGap } from "./gaps.ts";

export const bytesPerRow = 16;

/** `[start, end)` are the bytes that it stands for. */
export type HexLine = { start: number; end: number } & (
  { kind: "source" | "gap"; text: string } | { kind: "row"; offset: string; hex: string; ascii: string }
);

/** `bytes` begin at `start` in the body. Rows begin at multiples of 16, and break where an extent ends. */
export function hexLines(bytes: Uint8Array, start: number, extents: Extent[]): HexLine[] {
  const lines: HexLine[] = [];
  for (const extent of clip(extents, start, start + bytes.length)) {
    const { start: first, end } = extent;
    if (extent.kind === "missing") {
      lines.push({ kind: "gap", start: first, end, text: gapText(wholeGap(extent, extents)) });
      continue;
    }
    lines.push({
      kind: "source",
      start: first,
      end: first,
      text: `${rangeText(extent)} by ${extent.source}`,
    });
    for (let from = first; from < end;) {
      const row = Math.floor(from / bytesPerRow) * bytesPerRow;
      const to = Math.min(row + bytesPerRow, end);
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

/** Where in a row's hex a byte's digits begin. */
export function cellOf(byte: number): number {
  const cell = byte % bytesPerRow;
  return cell * 3 + (cell < 8 ? 0 : 1);
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
    ...{ start: row + indent, end: row + indent + bytes.length },
    offset: row.toString(16).padStart(8, "0"),
    hex: `${cells.slice(0, 8).join(" ")}  ${cells.slice(8).join(" ")}`,
    ascii: " ".repeat(indent) + ascii,
  };
}
