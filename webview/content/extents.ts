/** A body as one sequence of extents: each held, from a source, or missing, for a reason. */
import type { Body, MissingReason, Source } from "../../protocol/exchange.ts";

/** `decoding`: they are made from what was sent. */
type Origin = Source | "decoding";

/** What is known of a body, or of what was decoded of one. */
export interface KnownBody extends Pick<Body, "size" | "end" | "missing"> {
  ranges: { start: number; end: number; source: Origin }[];
}

/** `[start, end)` in body offsets. */
export type Extent =
  | { kind: "held"; start: number; end: number; source: Origin }
  | { kind: "missing"; start: number; end: number; reason: MissingReason };

/** In order; neighbours of the same kind and origin are one. */
export function extentsOf({ ranges, missing }: Pick<KnownBody, "ranges" | "missing">): Extent[] {
  const all: Extent[] = [
    ...ranges.map((range) => ({ kind: "held" as const, ...range })),
    ...missing.map((gap) => ({ kind: "missing" as const, ...gap })),
  ].toSorted((a, b) => a.start - b.start);
  const merged: Extent[] = [];
  for (const extent of all) {
    const last = merged.at(-1);
    if (last && last.end === extent.start && origin(last) === origin(extent)) last.end = extent.end;
    else merged.push({ ...extent });
  }
  return merged;
}

/** What of the extents lies in `[start, end)`. */
export function clip(extents: Extent[], start: number, end: number): Extent[] {
  return extents
    .filter((extent) => extent.start < end && extent.end > start)
    .map((extent) => ({ ...extent, start: Math.max(start, extent.start), end: Math.min(end, extent.end) }));
}

function origin(extent: Extent): string {
  return extent.kind === "held" ? `held ${extent.source}` : `missing ${extent.reason}`;
}
