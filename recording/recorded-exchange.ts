/** An exchange as a recording has it, and where the bytes of its bodies lie. */
import type { Body, Exchange, Missing, Range } from "../protocol/exchange.ts";
import type { Encoding } from "./body-source.ts";
import type { LongString } from "./json.ts";

/** Where a body's bytes lie. */
export type Place =
  | { kind: "text"; text: string | LongString; encoding: Encoding }
  /** A file beside the recording, as Playwright writes them. */
  | { kind: "file"; name: string };

export interface RecordedExchange {
  exchange: Exchange;
  /** Absent where no byte was recorded. */
  request?: Place;
  response?: Place;
  /** Sizes and ranges are what we wrote; elsewhere only the bytes tell. */
  isOurs: boolean;
  /** By which other entries name it, as it names its own `otherEnd`. */
  name?: number;
}

/** A body of which every byte is there, and nothing says how it was moved. */
export function recorded(size: number): Body {
  const ranges: Range[] = size > 0 ? [{ start: 0, end: size, source: "recorded" }] : [];
  return { size, end: "complete", ranges, missing: [] };
}

export function unrecorded(size: number): Body {
  const missing: Missing[] = size > 0 ? [{ start: 0, end: size, reason: "not-recorded" }] : [];
  return { size, end: "complete", ranges: [], missing };
}
