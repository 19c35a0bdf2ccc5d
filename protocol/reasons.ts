import {
  maxHead,
  type Exchange,
  type HeadCut,
  type Missing,
  type MissingReason,
  type Side,
} from "./exchange.ts";
import { rangeText, sizeText } from "./format.ts";

/** What a person reads where bytes are missing. */
export const missingText: Record<MissingReason, string> = {
  "no-source": "sent by sendfile or splice; no source that could read it is on",
  "ring-full": "lost: the kernel's ring buffer was full",
  shed: "shed under load, so that no exchange was lost",
  unreadable: "a page of memory could not be read",
  "body-limit": "beyond the limit of bytes kept per body",
  "call-limit":
    "more than the ring buffer takes of one system call (a larger one may: its size is a setting)",
  evicted: "given up: the limit of bytes kept in all was reached",
  "before-capture": "moved before the capture began",
  untraced: "moved by other means than the traced system calls (io_uring, for one)",
  spliced: "received by splice: the bytes never reached the program",
  discarded: "discarded by the program (MSG_TRUNC)",
  concurrent: "two calls moved bytes of this connection at once",
  "framing-lost": "the chunked framing was lost in a gap before",
  "never-sent": "never sent: the connection ended first",
  unread: "not read by the program before the connection ended",
  "after-capture": "not seen: the capture ended first",
  "not-recorded": "not in the recording",
};

/** A head … */
export const headCutReason: Record<HeadCut, string> = {
  limit: `is longer than the ${maxHead / 1024} KiB that are kept of one`,
  unfinished: "never came to its end",
};

/** What a person reads where a head's fields are not all there, e.g. `the request's head never came to its end`. */
export function headCutText(side: Side, cut: HeadCut): string {
  return `the ${side}'s head ${headCutReason[cut]}`;
}

export function headCutTexts(exchange: Exchange): string[] {
  return (["request", "response"] as const).flatMap((side) => {
    const cut = exchange[side]?.headCut;
    return cut === undefined ? [] : [headCutText(side, cut)];
  });
}

/** e.g. `bytes 9,728–13,823 missing (4.1 kB): a page of memory could not be read`. */
export function gapText(gap: Missing): string {
  return `${rangeText(gap)} missing (${sizeText(gap.end - gap.start)}): ${missingText[gap.reason]}`;
}

/** How many there are in all. */
export function missingBytes(gaps: readonly Missing[]): number {
  return gaps.reduce((sum, { start, end }) => sum + end - start, 0);
}
