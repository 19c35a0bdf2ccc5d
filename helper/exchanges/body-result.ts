import type { BodyResult } from "../../protocol/rpc.ts";
import type { BodyPart } from "./stretch.ts";

/** The answer that tells what lies in `parts`, the first of which begins at `start`. */
export function bodyResult(parts: readonly BodyPart[], start: number): BodyResult {
  const end = parts.at(-1)?.end ?? start;
  const bytes = Buffer.alloc(end - start);
  const result: BodyResult = { base64: "", end, ranges: [], missing: [] };
  for (const part of parts) {
    if ("bytes" in part) {
      bytes.set(part.bytes, part.start - start);
      result.ranges.push({ start: part.start, end: part.end, source: part.source });
    } else result.missing.push(part);
  }
  result.base64 = bytes.toString("base64");
  return result;
}
