import type { Decoded } from "../protocol/content.ts";
import type { Missing, Range } from "../protocol/exchange.ts";

/** What could be read of a body. */
export interface BodyBytes {
  /** From the body's start, zero where missing; what is missing at the end may be absent. */
  bytes: Uint8Array;
  /** As they were when `bytes` was read: some may have been given up since the exchange ended. */
  ranges: Range[];
  missing: Missing[];
  /** The content, as far as it could be decoded, where the bytes are encoded. */
  content?: Decoded;
}
