/** A missing range, in its place. */
import type { Extent } from "./extents.ts";

export type Gap = Extent & { kind: "missing" };

/** The whole of a gap of which a part was read. */
export function wholeGap(gap: Gap, extents: readonly Extent[]): Gap {
  const whole = extents.find(
    (extent): extent is Gap =>
      extent.kind === "missing" && extent.start <= gap.start && extent.end >= gap.end,
  );
  return whole ?? gap;
}
