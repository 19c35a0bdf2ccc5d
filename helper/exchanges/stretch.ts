/** The stretches of which a body is made, and what can be read of them. */
import type { Missing, Range } from "../../protocol/exchange.ts";

/** What is known of a stretch: bytes in the slabs, a copy of them, bytes hashed and not kept, or bytes missing. */
export type Stretch =
  | (Range & { kind: "slab"; at: number })
  | (Range & { kind: "copy"; block: Uint8Array; at: number; room: number })
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
        const at = stretch.at + from - stretch.start;
        const bytes = stretch.block.subarray(at, at + to - from);
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

/** The same for another thread: it can be sent without the rest of the blocks that it lies in. */
export function portable(stretch: Stretch): Stretch {
  if (stretch.kind !== "copy") return stretch;
  const { start, end, at } = stretch;
  const block = Uint8Array.from(stretch.block.subarray(at, at + end - start));
  return { ...stretch, block, at: 0, room: block.length };
}
