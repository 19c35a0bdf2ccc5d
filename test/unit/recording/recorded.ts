/** Exchanges with their bodies, written as a HAR and read again. */
import type { Body, Exchange, Missing, Range, Side } from "../../../protocol/exchange.ts";
import { MemoryBytes } from "../../../recording/bytes.ts";
import type { BodyBytes } from "../../../recording/captured-bytes.ts";
import { harEntry, harFooter, harHeader, type Bodies } from "../../../recording/har.ts";
import { Reader } from "../../../recording/reader.ts";

export interface Recorded {
  exchange: Exchange;
  bodies: Bodies;
}

/** A body of `bytes`, of which those in `missing` are not there. */
export function partOf(bytes: Uint8Array, missing: Missing[] = []): { body: Body; read: BodyBytes } {
  const ranges: Range[] = [];
  let at = 0;
  for (const gap of [...missing, { start: bytes.length, end: bytes.length }]) {
    if (gap.start > at) ranges.push({ start: at, end: gap.start, source: "write" });
    at = gap.end;
  }
  const held = Buffer.from(bytes.subarray(0, ranges.at(-1)?.end ?? 0));
  for (const gap of missing) held.subarray(gap.start, gap.end).fill(0);
  const body: Body = { size: bytes.length, end: "complete", ranges, missing };
  return { body, read: { bytes: held, ranges, missing } };
}

export function write(all: Recorded[], finished = true): string {
  const entries = all.map(({ exchange, bodies }) => [...harEntry(exchange, bodies)].join(""));
  return harHeader() + entries.join(",\n") + harFooter(finished);
}

export function read(text: string | Uint8Array, folder?: string): Promise<Reader> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return Reader.open(new MemoryBytes(bytes), { ...(folder !== undefined && { folder }) });
}

/** A body as the reader gives it, asked for in parts of `step` bytes. */
export async function bodyOf(
  reader: Pick<Reader, "body">,
  id: number,
  side: Side,
  size: number,
  step = size,
): Promise<BodyBytes> {
  const parts: Buffer[] = [];
  const ranges: Range[] = [];
  const missing: Missing[] = [];
  for (let start = 0; start < size;) {
    const part = await reader.body({ id, side, start, end: Math.min(start + step, size) });
    parts.push(Buffer.from(part.base64, "base64"));
    ranges.push(...part.ranges);
    missing.push(...part.missing);
    start = part.end;
  }
  return { bytes: Buffer.concat(parts), ranges, missing };
}
