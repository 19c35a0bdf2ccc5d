import type { MissingReason, Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import { Backlog } from "./backlog.ts";
import { cut, held, isOffered, isThere, Pieces, type Piece } from "./pieces.ts";
import { shed, type Call, type Segment } from "./segment.ts";

/** Takes one direction's bytes in order. */
export interface StreamSink {
  /** It takes nothing until it has been told what it waits for: `Stream.resume` then. */
  readonly waiting: boolean;
  /**
   * `length` bytes at `at` in the slabs. `callStart`: they are the first that a system call moved. Gives how many it took:
   * all, unless it is waiting.
   */
  data(at: number, length: number, source: Source, callStart: boolean): number;
  /** `length` 0: records were lost before the first that came; nobody knows how many bytes. */
  gap(length: number, reason: MissingReason): void;
}

/** Told when the call that would fill a hole has not come for long: nothing traced seems to have moved those bytes. */
export type OnUntraced = () => void;

/** A call whose bytes lie beyond a hole that another call may still fill. */
interface WaitingCall {
  start: number;
  end: number;
  reason: MissingReason;
  pieces: Piece[];
  time: number;
  began: number;
  other: number | undefined;
}

const maxWaitingCalls = 32;
const maxWait = 500;

/** One direction of a connection: puts segments in order by TCP's sequence numbers. */
export class Stream {
  /** Of what the sink is being given: as in Segment. */
  time = 0;
  began = 0;
  other: number | undefined;
  readonly #sink: StreamSink;
  readonly #slabs: Slabs;
  readonly #maxHeld: number;
  readonly #onUntraced: OnUntraced;
  readonly #pieces: Pieces;
  /** What has come while the sink waits. */
  readonly #backlog: Backlog;
  /** Sequence number at offset 0. */
  #origin: number | undefined;
  /** Offset of the next byte to take in. Offsets don't wrap. */
  #position = 0;
  /** Offset behind what the sink has been given. */
  #given = 0;
  /** End of the last call handed on: the next call's start, unless something is missing between. */
  #boundary = 0;
  #started = false;
  /** While above 0, what a loss took was not met yet: so many calls more a hole is blamed on it. */
  #loss = 0;
  #ended = false;
  #waiting: WaitingCall[] = [];
  #waitingBytes = 0;

  /** `maxHeld`: bytes that may wait for their call's end; no less than what is kept of a body. */
  constructor(sink: StreamSink, slabs: Slabs, maxHeld: number, onUntraced: OnUntraced) {
    this.#sink = sink;
    this.#slabs = slabs;
    this.#maxHeld = maxHeld;
    this.#onUntraced = onUntraced;
    this.#pieces = new Pieces(slabs);
    this.#backlog = new Backlog(slabs);
  }

  push(segment: Segment): void {
    if (this.#ended) return;
    this.#origin ??= segment.seq;
    this.time = segment.time;
    this.began = segment.began;
    this.other = segment.other;
    if (segment.afterLoss) {
      this.#loss = maxWaitingCalls;
      this.#pieces.dropOffered();
    }
    const start = this.#unwrap(segment.seq);
    if (segment.call === undefined) this.#piece(start, segment);
    else this.#call(segment, segment.call, start);
  }

  /** Sequence number of the byte after those that the sink has been given, these included. */
  get number(): number {
    return (this.#origin! + this.#given) >>> 0;
  }

  /** A call has come. */
  get started(): boolean {
    return this.#started;
  }

  /** No more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that wait for the sink, and what it costs to keep account of them. */
  get heldBack(): number {
    return this.#backlog.size;
  }

  /** The sink doesn't wait any more. */
  resume(): void {
    while (!this.#sink.waiting) {
      const item = this.#backlog.shift();
      if (item === undefined) return;
      this.time = item.time;
      this.began = item.began;
      this.other = item.other;
      if (item.kind === "gap") this.#give(item.length, item.reason);
      else {
        this.#giveData(item.at, item.length, item.source, item.callStart, true);
        this.#slabs.release(item.at);
      }
    }
  }

  /** Something that was moved before that sequence number has not come. */
  isBehind(number: number): boolean {
    return this.#started && !this.#ended && this.#unwrap(number) > this.#position;
  }

  /** Calls wait here for a hole before them to be filled. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** Holes that have waited too long become gaps. `now` in kernel milliseconds. */
  expire(now: number): void {
    for (
      let first = this.#waiting[0];
      first !== undefined && now - first.time > maxWait;
      first = this.#waiting[0]
    ) {
      // Two calls at once, of which the other has not come to its end: nothing went past us.
      const concurrent = first.reason === "concurrent";
      if (!concurrent) this.#onUntraced();
      this.#giveUpHole(concurrent ? "concurrent" : "untraced");
    }
  }

  /** `number`: the sequence number behind the last byte that was moved, where it is known. */
  end(number?: number): void {
    if (this.#ended) return;
    while (this.#waiting.length > 0) this.#giveUpHole("untraced");
    this.#pieces.clear();
    this.#ended = true;
    this.other = undefined;
    const lost = number === undefined || !this.#started ? 0 : this.#unwrap(number) - this.#position;
    if (lost > 0) this.#miss(lost, "ring-full");
  }

  #unwrap(seq: number): number {
    return this.#position + ((seq - this.#origin! - this.#position) | 0);
  }

  #piece(start: number, { length, at, source, other }: Segment): void {
    if (length === 0) return;
    const next =
      this.#started &&
      start <= this.#position &&
      this.#loss === 0 &&
      !isOffered(source) &&
      this.#waiting.length === 0 &&
      this.#pieces.empty;
    if (!next) {
      const piece = { start, end: start + length, at, source, other };
      this.#pieces.add(piece, this.#maxHeld - this.#waitingBytes);
      return;
    }
    // What was really moved, and comes next: no need to wait for the call's end.
    const known = this.#position - start;
    if (length <= known) return;
    const callStart = this.#position === this.#boundary;
    this.#position = start + length;
    this.#hand(isThere(at) ? at + known : at, length - known, source, callStart, other, "shed");
  }

  #call(segment: Segment, call: Call, segmentStart: number): void {
    const { length, at, source, other } = segment;
    const piece = { start: segmentStart, end: segmentStart + length, at, source, other };
    const start = this.#unwrap(call.seq);
    const end = start + call.length;
    if (!this.#started) {
      this.#started = true;
      this.#position = start;
      this.#given = start;
      if (this.#loss > 0) this.#miss(0, "ring-full");
      this.#loss = 0;
    }
    const next = start <= this.#position && this.#waiting.length === 0;
    if (next && this.#pieces.empty) {
      // The common case: the whole call, or the rest of it, in its turn.
      if (end <= this.#position) return;
      this.#release(start, end, call.reason, length > 0 ? [piece] : []);
      if (this.#loss > 0) this.#loss--;
      return;
    }
    if (length > 0) this.#pieces.add(piece, this.#maxHeld - this.#waitingBytes);
    let pieces = this.#pieces.claim(start, end, source);
    // Where another call came between, nobody knows where the offered pages went.
    if (call.reason === "concurrent") pieces = this.#drop(pieces);
    if (end <= this.#position) this.#drop(pieces);
    else if (next) {
      this.#release(start, end, call.reason, pieces);
      this.#drop(pieces);
      if (this.#loss > 0) this.#loss--;
      this.#pieces.dropBefore(this.#position);
    } else {
      const { time, began, other } = segment;
      this.#wait({ start, end, reason: call.reason, pieces, time, began, other });
    }
  }

  #wait(call: WaitingCall): void {
    const at = this.#waiting.findIndex((other) => other.start > call.start);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, call);
    this.#waitingBytes += heldBy(call);
    this.#releaseWaiting();
    if (this.#loss > 0) {
      while (this.#waiting.length > 0) this.#giveUpHole("ring-full");
      this.#loss = 0;
    }
    while (
      this.#waiting.length > maxWaitingCalls ||
      (this.#waiting.length > 0 && this.#waitingBytes + this.#pieces.bytes > this.#maxHeld)
    )
      this.#giveUpHole("untraced");
  }

  #giveUpHole(reason: MissingReason): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    const length = first.start - this.#position;
    this.#position = first.start;
    // Of those bytes nobody saw when they were moved.
    this.other = undefined;
    if (length > 0) this.#miss(length, reason);
    this.#releaseWaiting();
  }

  #releaseWaiting(): void {
    for (
      let first = this.#waiting[0];
      first !== undefined && first.start <= this.#position;
      first = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#waitingBytes -= heldBy(first);
      this.time = first.time;
      this.began = first.began;
      this.other = first.other;
      if (first.end > this.#position) this.#release(first.start, first.end, first.reason, first.pieces);
      this.#drop(first.pieces);
    }
    this.#pieces.dropBefore(this.#position);
  }

  /** Hands on `[position, end)` of a call; `pieces` are in order. */
  #release(start: number, end: number, reason: MissingReason, pieces: Piece[]): void {
    let at = this.#position;
    this.#position = end;
    this.#boundary = end;
    for (const piece of pieces) {
      if (piece.end <= at || piece.start >= end) continue;
      if (piece.start > at) this.#gap(piece.start - at, reason);
      const part = cut(piece, at, end);
      this.#hand(
        part.at,
        part.end - part.start,
        part.source,
        part.start === start,
        part.other,
        part.at === shed ? "shed" : "body-limit",
      );
      at = part.end;
    }
    if (at < end) this.#gap(end - at, reason);
  }

  /** Gives the sink bytes, or, if they are not there, a gap for `reason`. */
  #hand(
    at: number,
    length: number,
    source: Source,
    callStart: boolean,
    other: number | undefined,
    reason: MissingReason,
  ): void {
    this.other = other;
    if (!isThere(at)) return this.#miss(length, reason);
    if (this.#sink.waiting) {
      const { time, began } = this;
      this.#backlog.push({ kind: "data", at, length, source, callStart, time, began, other });
    } else this.#giveData(at, length, source, callStart, false);
  }

  /** `again`: they have been in the backlog, and its first ones they are if the sink leaves some. */
  #giveData(at: number, length: number, source: Source, callStart: boolean, again: boolean): void {
    this.#given += length;
    const taken = this.#sink.data(at, length, source, callStart);
    if (taken === length) return;
    this.#given -= length - taken;
    const { time, began, other } = this;
    const rest = { kind: "data", source, callStart: callStart && taken === 0, time, began, other } as const;
    const item = { ...rest, at: at + taken, length: length - taken };
    if (again) this.#backlog.unshift(item);
    else this.#backlog.push(item);
  }

  #gap(length: number, reason: MissingReason): void {
    this.#loss = 0;
    this.#miss(length, reason);
  }

  #miss(length: number, reason: MissingReason): void {
    const { time, began, other } = this;
    if (this.#sink.waiting) this.#backlog.push({ kind: "gap", length, reason, time, began, other });
    else this.#give(length, reason);
  }

  #give(length: number, reason: MissingReason): void {
    this.#given += length;
    this.#sink.gap(length, reason);
  }

  #drop(pieces: Piece[]): Piece[] {
    for (const piece of pieces) if (isThere(piece.at)) this.#slabs.release(piece.at);
    return [];
  }
}

function heldBy(call: WaitingCall): number {
  let bytes = 0;
  for (const piece of call.pieces) bytes += held(piece);
  return bytes;
}
