/** What the sources produce and the streams consume: bytes and ends, keyed by connection and sequence number. */
import type { MissingReason, Source } from "../../protocol/exchange.ts";

export type Direction = "in" | "out";

/** A connection's first appearance. */
export interface ConnectionOpened {
  kind: "opened";
  /** Unique in one capture: the kernel's socket and its generation. */
  connection: number;
  /** Milliseconds on the kernel's monotonic clock. */
  time: number;
  pid: number;
  /** `address:port`, IPv6 in brackets. */
  local: string;
  remote: string;
  /** Inode number of the network namespace in which these addresses mean something; 0 for AF_UNIX. */
  netns: number;
}

/**
 * One piece of what a system call moved. Every call that moved bytes has a last piece, perhaps an empty one;
 * pieces of one call may come in any order before it. Sequence numbers are TCP's: 32 bits, and they wrap.
 */
export interface Segment {
  kind: "segment";
  connection: number;
  direction: Direction;
  time: number;
  pid: number;
  fd: number;
  source: Source;
  /** Sequence number of `bytes[0]`. */
  seq: number;
  /** Only valid until the end of the batch: it lies in a buffer that is used again. */
  bytes: Uint8Array;
  /**
   * Set on the last piece of a call: the range `[seq, seq + length)` that was really moved. What of it no piece
   * has filled is missing for `reason`. Bytes of earlier pieces beyond it were offered but not accepted.
   */
  call?: { seq: number; length: number; reason: MissingReason };
  /** The kernel side lost records of this connection and direction before this one. */
  afterLoss: boolean;
  /** The bytes may hold a message's head: under pressure they go last. */
  head: boolean;
}

/** No more bytes will move in this direction (FIN seen or sent). */
export interface DirectionEnded {
  kind: "ended";
  connection: number;
  direction: Direction;
  time: number;
  /** By direction, the number of the byte after the last that has moved: as `Segment.seq` counts. */
  numbers: Record<Direction, number>;
}

/** The socket is gone: both directions are over, and the connection's number will not come again. */
export interface ConnectionClosed {
  kind: "closed";
  connection: number;
  time: number;
  /** As of `DirectionEnded`: now they are final. */
  numbers: Record<Direction, number>;
}

/** Takes events in batches, as they lie in one buffer. */
export interface TrafficSink {
  push(event: TrafficEvent): void;
  /** The bytes of the segments pushed so far become invalid after this. */
  endBatch(): void;
}

export type TrafficEvent = ConnectionOpened | Segment | DirectionEnded | ConnectionClosed;
