import type { MissingReason, Source } from "../../protocol/exchange.ts";
import { cut, isOffered, own, Pieces, type Piece } from "./pieces.ts";
import type { BufferPool } from "./pool.ts";
import type { Segment } from "./segment.ts";

/** Takes one direction's bytes in order. */
export interface StreamSink {
  /** `bytes` are only valid during the call. `callStart`: they are the first that a system call moved. */
  data(bytes: Uint8Array, source: Source, callStart: boolean): void;
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
}

const maxWaitingCalls = 32;
const maxWait = 500;

/** One direction of a connection: puts segments in order by TCP's sequence numbers. */
export class Stream {
  readonly #sink: StreamSink;
  readonly #pool: BufferPool;
  readonly #maxHeld: number;
  readonly #onUntraced: OnUntraced;
  readonly #pieces = new Pieces();
  /** Sequence number at offset 0. */
  #origin: number | undefined;
  /** Offset of the next byte to hand on. Offsets don't wrap. */
  #position = 0;
  /** End of the last call handed on: the next call's start, unless something is missing between. */
  #boundary = 0;
  #started = false;
  /** While above 0, what a loss took was not met yet: so many calls more a hole is blamed on it. */
  #loss = 0;
  #ended = false;
  #waiting: WaitingCall[] = [];
  #waitingBytes = 0;

  /** `maxHeld`: bytes that may wait for their call's end; no less than what is kept of a body. */
  constructor(sink: StreamSink, pool: BufferPool, maxHeld: number, onUntraced: OnUntraced) {
    this.#sink = sink;
    this.#pool = pool;
    this.#maxHeld = maxHeld;
    this.#onUntraced = onUntraced;
  }

  push(segment: Segment): void {
    if (this.#ended) return;
    const { bytes, call, source } = segment;
    this.#origin ??= segment.seq;
    if (segment.afterLoss) {
      this.#loss = maxWaitingCalls;
      this.#pieces.dropOffered();
    }
    const start = this.#unwrap(segment.seq);
    if (call === undefined) this.#piece(start, bytes, source);
    else this.#call(segment, call, start);
  }

  /** Something of the batch at hand waits here for what comes later. */
  get borrows(): boolean {
    return !this.#pieces.empty || this.#waiting.length > 0;
  }

  /** Calls wait here for a hole before them to be filled. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** The bytes pushed so far are about to become invalid: copies what is still needed. */
  endBatch(): void {
    this.#pieces.own(this.#pool);
    for (const { pieces } of this.#waiting) for (const piece of pieces) own(piece, this.#pool);
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

  end(): void {
    while (this.#waiting.length > 0) this.#giveUpHole("untraced");
    this.#pieces.clear();
    this.#ended = true;
  }

  #unwrap(seq: number): number {
    return this.#position + ((seq - this.#origin! - this.#position) | 0);
  }

  #piece(start: number, bytes: Uint8Array, source: Source): void {
    if (bytes.length === 0) return;
    const next =
      this.#started &&
      start <= this.#position &&
      this.#loss === 0 &&
      !isOffered(source) &&
      this.#waiting.length === 0 &&
      this.#pieces.empty;
    if (!next) {
      this.#pieces.add(start, bytes, source, this.#maxHeld - this.#waitingBytes);
      return;
    }
    // What was really moved, and comes next: no need to wait for the call's end.
    const rest = start === this.#position ? bytes : bytes.subarray(this.#position - start);
    if (rest.length === 0) return;
    const callStart = this.#position === this.#boundary;
    this.#position += rest.length;
    this.#sink.data(rest, source, callStart);
  }

  #call(segment: Segment, call: NonNullable<Segment["call"]>, at: number): void {
    const { bytes, source } = segment;
    const start = this.#unwrap(call.seq);
    const end = start + call.length;
    if (!this.#started) {
      this.#started = true;
      this.#position = start;
      if (this.#loss > 0) this.#sink.gap(0, "ring-full");
      this.#loss = 0;
    }
    const next = start <= this.#position && this.#waiting.length === 0;
    let pieces: Piece[];
    if (next && this.#pieces.empty) {
      // The common case: the whole call, or the rest of it, in its turn. Nothing is copied.
      pieces = [{ start: at, end: at + bytes.length, bytes, source, borrowed: true }];
    } else {
      if (bytes.length > 0) this.#pieces.add(at, bytes, source, this.#maxHeld - this.#waitingBytes);
      pieces = this.#pieces.claim(start, end, source);
      // Where another call came between, nobody knows where the offered pages went.
      if (call.reason === "concurrent") pieces = [];
    }
    if (end <= this.#position) return;
    if (next) {
      this.#release(start, end, call.reason, pieces);
      if (this.#loss > 0) this.#loss--;
      this.#pieces.dropBefore(this.#position);
    } else this.#wait({ start, end, reason: call.reason, pieces, time: segment.time });
  }

  #wait(call: WaitingCall): void {
    const at = this.#waiting.findIndex((other) => other.start > call.start);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, call);
    this.#waitingBytes += held(call);
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
    if (length > 0) this.#sink.gap(length, reason);
    this.#releaseWaiting();
  }

  #releaseWaiting(): void {
    for (
      let first = this.#waiting[0];
      first !== undefined && first.start <= this.#position;
      first = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#waitingBytes -= held(first);
      if (first.end > this.#position) this.#release(first.start, first.end, first.reason, first.pieces);
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
      if (part.bytes === undefined) this.#sink.gap(part.end - part.start, "body-limit");
      else this.#sink.data(part.bytes, part.source, part.start === start);
      at = part.end;
      if (piece.buffer !== undefined) this.#pool.give(piece.buffer);
    }
    if (at < end) this.#gap(end - at, reason);
  }

  #gap(length: number, reason: MissingReason): void {
    this.#loss = 0;
    this.#sink.gap(length, reason);
  }
}

function held(call: WaitingCall): number {
  let bytes = 0;
  for (const piece of call.pieces) bytes += piece.bytes?.length ?? 0;
  return bytes;
}
