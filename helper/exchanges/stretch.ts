/** The stretches of which a body is made, and what can be read of them. */
import type { Missing, Range } from "../../protocol/exchange.ts";

/** What is known of a stretch: bytes in the slabs, a copy of them, bytes hashed and not kept, or bytes missing. */
export type Stretch =
  | (Range & { kind: "slab"; at: number })
  | (Range & { kind: "copy"; bytes: Uint8Array })
  | (Range & { kind: "hashed" })
  | (Missing & { kind: "missing" });

/** A part of a body: bytes that are there, or bytes that are missing, and why. */
export type BodyPart = (Range & { bytes: Uint8Array }) | Missing;

/** What is known of `[start, end)`, in order, cut at the last stretch. `slabs`: their memory, of which the bytes are views. */
export function readStretches(
  stretches: readonly Stretch[],
  slabs: Uint8Array,
  start: number,
  end: number,
): BodyPart[] {
  const parts: BodyPart[] = [];
  for (const stretch of stretches) {
    const from = Math.max(stretch.start, start);
    const to = Math.min(stretch.end, end);
    if (from >= to) continue;
    const range = { start: from, end: to };
    switch (stretch.kind) {
      case "slab": {
        const at = stretch.at + from - stretch.start;
        parts.push({ ...range, source: stretch.source, bytes: slabs.subarray(at, at + to - from) });
        break;
      }
      case "copy": {
        const bytes = stretch.bytes.subarray(from - stretch.start, to - stretch.start);
        parts.push({ ...range, source: stretch.source, bytes });
        break;
      }
      case "hashed":
        parts.push({ ...range, reason: "evicted" });
        break;
      case "missing":
        parts.push({ ...range, reason: stretch.reason });
    }
  }
  return parts;
}
