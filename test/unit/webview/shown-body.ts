/** A message as a test shows it, and its body as the helper gives it. */
import type { Body, Header, HeadCut, Interim, Missing } from "../../../protocol/exchange.ts";
import { maxBodyChunk, type BodyParams, type BodyResult } from "../../../protocol/rpc.ts";

export interface ShownBody {
  /** Of a response; 200 by default. */
  status?: number;
  statusText?: string;
  trailers?: Header[];
  headCut?: HeadCut;
  /** Before a response. */
  interim?: Interim[];
  headers: [string, string][];
  bytes: Uint8Array;
  body?: Partial<Body>;
}

export function bodyPart(shown: ShownBody | undefined, { start, end }: BodyParams): BodyResult {
  if (shown === undefined) throw new Error("no such body");
  const body = bodyOf(shown);
  const stop = Math.min(end, start + maxBodyChunk, body.size);
  const bytes = Buffer.from(shown.bytes.subarray(start, stop));
  const missing = clipped(body.missing, start, stop);
  for (const gap of missing) bytes.fill(0, gap.start - start, gap.end - start);
  return { base64: bytes.toString("base64"), end: stop, ranges: clipped(body.ranges, start, stop), missing };
}

function clipped<Part extends { start: number; end: number }>(
  parts: Part[],
  start: number,
  end: number,
): Part[] {
  return parts
    .filter((part) => part.start < end && part.end > start)
    .map((part) => ({ ...part, start: Math.max(part.start, start), end: Math.min(part.end, end) }));
}

/** Where the ranges aren't given, all was written that isn't missing. */
export function bodyOf({ bytes, body }: ShownBody): Body {
  const missing: Missing[] = body?.missing ?? [];
  const edges = [0, ...missing.flatMap(({ start, end }) => [start, end]), bytes.length];
  const ranges = Array.from({ length: edges.length / 2 }, (_, i) => ({
    ...{ start: edges[2 * i]!, end: edges[2 * i + 1]! },
    source: "write" as const,
  }));
  const held = ranges.filter(({ start, end }) => end > start);
  return { size: bytes.length, end: "complete", ranges: held, ...body, missing };
}
