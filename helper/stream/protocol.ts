/** What a connection speaks: takes both directions' bytes in order, and is swapped where the two agree on another. */
import type { MissingReason, Source } from "../../protocol/exchange.ts";
import type { ConnectionOpened, Direction } from "./segment.ts";
import type { Stream } from "./stream.ts";

/** What ended a direction, and a message that had not ended: see State in protocol/exchange.ts. */
export type Cause = "closed" | "reset" | "lost" | "stopped";

export interface Protocol {
  /** The direction whose end is to be told first: that of who asks. */
  readonly asking: Direction;
  /** Enough was seen, and it was nothing that this protocol knows: its name, or `unknown`. */
  readonly other: string | undefined;
  /** It takes nothing of the direction for now: what comes is kept until `settle`, `expire` or `end` let it go on. */
  isWaiting(direction: Direction): boolean;
  /** As StreamSink.data. Having swapped itself, it leaves what belongs to its successor. */
  data(direction: Direction, at: number, length: number, source: Source, callStart: boolean): number;
  /** As StreamSink.gap. */
  gap(direction: Direction, length: number, reason: MissingReason): void;
  /** A segment was pushed. `now` in kernel milliseconds, as below. */
  settle(now: number): void;
  /** Nothing need have come. */
  expire(now: number): void;
  /** No more will come of the direction. `whole`: and nothing is missing, as its FIN was seen. */
  end(direction: Direction, cause: Cause, whole: boolean): void;
  /** Both directions have been ended. */
  close(cause: Cause): void;
}

/** What carries a protocol. */
export interface Carrier {
  readonly opened: ConnectionOpened;
  readonly streams: Readonly<Record<Direction, Stream>>;
  /** The process that moved the latest bytes. */
  readonly pid: number;
  /** Kernel milliseconds of the latest event. */
  readonly now: number;
  mute: Mute;
  /** What comes from now on is `successor`'s. */
  swap(successor: Protocol): void;
}

/**
 * Tells the kernel which bytes of a direction nobody wants, so that it need not copy them: those up to the sequence number
 * `until`; with `other`, all but the beginning of each call, as what isn't HTTP may yet become it; all; or none any more.
 */
export type Mute = (direction: Direction, what: "until" | "other" | "all" | "none", until?: number) => void;
