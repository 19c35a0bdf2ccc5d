/** A capture that couldn't start, or broke off: who is to hear of it, and how loudly. */
import type { Cause } from "./capture-state.ts";
import type { Holder } from "./leases.ts";

export interface CaptureFailure {
  cause: Cause;
  /** To a person, in full sentences. */
  message: string;
  /** For whom it was. */
  holders: readonly Holder[];
}

/** Root isn't to be had here, or this kernel won't do: the next start would end the same way. */
const ofThisMachine: readonly Cause[] = ["no-root", "refused", "no-btf", "no-kernel-support"];

/** It will be so at the next start too, so that nobody should be asked again unasked. */
export function isLasting({ cause }: CaptureFailure): boolean {
  return ofThisMachine.includes(cause);
}

/** Debugging goes on as it was: who only pressed F5 isn't told by a message what this machine can't do. */
export function isQuiet(failure: CaptureFailure): boolean {
  return isLasting(failure) && !failure.holders.includes("user");
}
