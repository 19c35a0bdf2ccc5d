import type { Source } from "../../protocol/exchange.ts";
import type { BufferPool } from "./pool.ts";

/** Bytes at stream offsets `[start, end)`; without `bytes` they were seen, but there was no room to hold them. */
export interface Piece {
  start: number;
  end: number;
  bytes: Uint8Array | undefined;
  source: Source;
  /** `bytes` lie in the batch at hand, which is used again after its end. */
  borrowed: boolean;
  /** Whole buffer of the pool that `bytes` lie in, if no other piece refers to it. */
  buffer?: Uint8Array;
}

/** Calls whose pieces are what TCP was offered; the others' pieces are what was really moved. */
export function isOffered(source: Source): boolean {
  return source === "sendfile" || source === "splice";
}

/** The part of a piece inside `[start, end)`, which must overlap it. */
export function cut(piece: Piece, start: number, end: number): Piece {
  const from = Math.max(piece.start, start);
  const to = Math.min(piece.end, end);
  if (from === piece.start && to === piece.end) return piece;
  const bytes = piece.bytes?.subarray(from - piece.start, to - piece.start);
  return { start: from, end: to, bytes, source: piece.source, borrowed: piece.borrowed };
}

/** Copies what would not outlive the batch. */
export function own(piece: Piece, pool: BufferPool): void {
  if (!piece.borrowed || piece.bytes === undefined) return;
  const { length } = piece.bytes;
  piece.buffer = pool.take(length);
  piece.buffer.set(piece.bytes);
  piece.bytes = piece.buffer.subarray(0, length);
  piece.borrowed = false;
}

/** More, if tiny, would cost more than their bytes; to Linux 6.4 each page is a piece, and these are 128 MiB. */
const maxPieces = 32_768;

const none: Piece[] = [];

/** Pieces whose call's record has not come yet: in order, not overlapping, where they overlapped the newest. */
export class Pieces {
  /** Bytes held. */
  bytes = 0;
  #list: Piece[] = [];

  get empty(): boolean {
    return this.#list.length === 0;
  }

  /** Holds the bytes, borrowed until `own`, if `room` suffices. */
  add(start: number, bytes: Uint8Array, source: Source, room: number): void {
    const last = this.#list.at(-1);
    const fits = this.bytes + bytes.length <= room && this.#list.length < maxPieces;
    const piece: Piece = { start, end: start + bytes.length, bytes: undefined, source, borrowed: fits };
    if (fits) {
      piece.bytes = bytes;
      this.bytes += bytes.length;
    }
    if (last === undefined || last.end <= start) {
      if (fits || last === undefined || last.bytes !== undefined || last.end < start) this.#list.push(piece);
      else last.end = piece.end;
      return;
    }
    const list: Piece[] = [];
    for (const old of this.#list) {
      if (old.end <= piece.start || old.start >= piece.end) list.push(old);
      else {
        if (old.start < piece.start) list.push(cut(old, old.start, piece.start));
        if (old.end > piece.end) list.push(cut(old, piece.end, old.end));
      }
    }
    list.push(piece);
    list.sort((a, b) => a.start - b.start);
    this.#keep(list.slice(0, maxPieces));
  }

  /**
   * Takes out what belongs to a call that moved `[start, end)`. What the call had offered beyond is dropped: it was
   * not accepted, and whoever sends those numbers later may send other bytes.
   */
  claim(start: number, end: number, source: Source): Piece[] {
    if (this.#list.length === 0) return none;
    const offered = isOffered(source);
    const claimed: Piece[] = [];
    const kept: Piece[] = [];
    for (const piece of this.#list) {
      if (isOffered(piece.source) !== offered || piece.end <= start) kept.push(piece);
      else if (piece.start < end) claimed.push(cut(piece, start, end));
      else if (!offered) kept.push(piece);
    }
    this.#keep(kept);
    return claimed;
  }

  /** After a loss nobody knows which of the offered bytes a lost record would have accepted. */
  dropOffered(): void {
    if (this.#list.length > 0) this.#keep(this.#list.filter((piece) => !isOffered(piece.source)));
  }

  dropBefore(position: number): void {
    const first = this.#list[0];
    if (first !== undefined && first.start < position)
      this.#keep(this.#list.filter((piece) => piece.end > position));
  }

  own(pool: BufferPool): void {
    for (const piece of this.#list) own(piece, pool);
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(list: Piece[]): void {
    this.#list = list;
    this.bytes = 0;
    for (const piece of list) if (piece.bytes !== undefined) this.bytes += piece.bytes.length;
  }
}
