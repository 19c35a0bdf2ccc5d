/** What the sources produce and the streams consume: bytes and ends, keyed by connection and sequence number. */
import type { MissingReason, Role, Source } from "../../protocol/exchange.ts";

export type Direction = "in" | "out";

/** A connection's first appearance. */
export interface ConnectionOpened {
  kind: "opened";
  /** Unique in one capture: the kernel's socket and its generation. */
  connection: number;
  /** Milliseconds on the kernel's monotonic clock. */
  time: number;
  pid: number;
  /** Inode number of its network namespace; 0 where it has none. */
  netns: number;
  /** `address:port`, IPv6 in brackets; `unix` for a socket without ports. */
  local: string;
  remote: string;
  /** Who connected: the program's peer, which it accepted as a server does, or the program; undefined: not known. */
  role: Role | undefined;
  /** The sequence numbers are TCP's own: what the other end says of the same bytes has the same. */
  isNumberedByTcp: boolean;
  /** Sequence numbers of the first bytes that ever were moved, before the capture too; undefined: not known. */
  first: Numbers | undefined;
}

/** The range `[seq, seq + length)` that a call really moved. What of it no piece has filled is missing for `reason`. */
export interface Call {
  seq: number;
  length: number;
  reason: MissingReason;
}

/**
 * One piece of what a system call moved. Every call that moved bytes has a last piece, perhaps an empty one;
 * pieces of one call may come in any order before it. Sequence numbers are TCP's: 32 bits, and they wrap.
 * The object is used again for the next record.
 */
export interface Segment {
  kind: "segment";
  connection: number;
  direction: Direction;
  time: number;
  /** When the call began, of what was sent; of what was received, and where that isn't known, the same as `time`. */
  began: number;
  pid: number;
  fd: number;
  source: Source;
  /** Sequence number of the first byte. */
  seq: number;
  length: number;
  /** Where its bytes lie in the slabs; or, if they had to be shed on their way, `shed`. */
  at: number;
  /**
   * Where the other direction stood: sequence number of the byte after the last that had been moved there, a FIN not
   * counted; of what was sent when its call began, of what was received when it ended. Undefined: not known, as with TCP
   * fast open, or for a call that began before the capture.
   */
  other?: number | undefined;
  /** Set on the last piece of a call. Bytes of earlier pieces beyond its range were offered but not accepted. */
  call: Call | undefined;
  /** The kernel side lost records of this connection and direction before this one. */
  afterLoss: boolean;
}

/** In place of where bytes lie: they were shed, for want of room. */
export const shed = -1;

/** How far it is from one sequence number to another, as they wrap: negative if `to` comes before `from`. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** Sequence numbers of the byte after the last that was moved, by direction; a FIN is not counted. */
export type Numbers = Record<Direction, number>;

/** No more bytes will move in this direction (FIN seen or sent). */
export interface DirectionEnded {
  kind: "ended";
  connection: number;
  direction: Direction;
  time: number;
  numbers: Numbers;
}

/** The socket is gone, or connected anew: both directions are over, and the connection's number will not come again. */
export interface ConnectionClosed {
  kind: "closed";
  connection: number;
  time: number;
  numbers: Numbers;
  /** It was broken off, by whichever side: what was under way is cut off. Undefined: not known, or no TCP. */
  reset: boolean | undefined;
}

export type TrafficEvent = ConnectionOpened | Segment | DirectionEnded | ConnectionClosed;

/** Takes events one by one: their bytes are there until the next, unless somebody holds their slab. */
export interface TrafficSink {
  push(event: TrafficEvent): void;
  /** A good many have been pushed: now is the time for what needn't be done at each. */
  endBatch(): void;
}
