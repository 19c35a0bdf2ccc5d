/** A missing range, in its place. */
import { sizeText } from "../protocol/format.ts";
import { missingText } from "../protocol/reasons.ts";
import { rangeText, type Extent } from "./extents.ts";

export type Gap = Extent & { kind: "missing" };

/** e.g. `bytes 9,728–13,823 missing (4.1 kB): a page of memory could not be read`. */
export function gapText(gap: Gap): string {
  return `${rangeText(gap)} missing (${sizeText(gap.end - gap.start)}): ${missingText[gap.reason]}`;
}

/** The whole of a gap of which a part was read. */
export function wholeGap(gap: Gap, extents: readonly Extent[]): Gap {
  const whole = extents.find(
    (extent): extent is Gap =>
      extent.kind === "missing" && extent.start <= gap.start && extent.end >= gap.end,
  );
  return whole ?? gap;
}
