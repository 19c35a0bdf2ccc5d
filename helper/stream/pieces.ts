import type { Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import { shed } from "./segment.ts";

/** Bytes at stream offsets `[start, end)`, which lie in the slabs at `at`; or that were seen, but are not held. */
export interface Piece {
  start: number;
  end: number;
  at: number;
  source: Source;
  /** As in Segment. */
  other: number | undefined;
}

/** In place of where bytes lie: there was no room to hold them. */
export const unheld = -2;

export function isThere(at: number): boolean {
  return at >= 0;
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
  const at = isThere(piece.at) ? piece.at + from - piece.start : piece.at;
  return { ...piece, start: from, end: to, at };
}

/** More, if tiny, would cost more than their bytes; to Linux 6.4 each page is a piece, and these are 128 MiB. */
const maxPieces = 32_768;

const none: Piece[] = [];

/**
 * Pieces whose call's record has not come yet: in order, not overlapping, where they overlapped the newest. Each holds
 * the slab of its bytes.
 */
export class Pieces {
  /** Bytes held. */
  bytes = 0;
  readonly #slabs: Slabs;
  #list: Piece[] = [];

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
  }

  get empty(): boolean {
    return this.#list.length === 0;
  }

  /** Holds the bytes, if `room` suffices; the piece is its own from now on. */
  add(piece: Piece, room: number): void {
    const last = this.#list.at(-1);
    const length = piece.end - piece.start;
    const fits = this.bytes + length <= room && this.#list.length < maxPieces && !this.#slabs.areShort;
    if (!fits && piece.at !== shed) piece.at = unheld;
    if (last === undefined || last.end <= piece.start) {
      if (last !== undefined && last.end === piece.start && last.at === piece.at && !isThere(piece.at))
        last.end = piece.end;
      else this.#push(piece);
      return;
    }
    const before = this.#list;
    this.#list = [];
    for (const old of before) {
      if (old.end <= piece.start || old.start >= piece.end) this.#list.push(old);
      else {
        if (old.start < piece.start) this.#push(cut(old, old.start, piece.start));
        if (old.end > piece.end) this.#push(cut(old, piece.end, old.end));
        this.#forget(old);
      }
    }
    this.#push(piece);
    this.#list.sort((a, b) => a.start - b.start);
    for (const dropped of this.#list.splice(maxPieces)) this.#forget(dropped);
  }

  /**
   * Takes out what belongs to a call that moved `[start, end)`: the caller is to release it. What the call had offered
   * beyond is dropped: it was not accepted, and whoever sends those numbers later may send other bytes.
   */
  claim(start: number, end: number, source: Source): Piece[] {
    if (this.#list.length === 0) return none;
    const offered = isOffered(source);
    const claimed: Piece[] = [];
    const kept: Piece[] = [];
    for (const piece of this.#list) {
      if (isOffered(piece.source) !== offered || piece.end <= start) kept.push(piece);
      else if (piece.start < end) {
        claimed.push(cut(piece, start, end));
        this.bytes -= held(piece);
      } else if (!offered) kept.push(piece);
      else this.#forget(piece);
    }
    this.#list = kept;
    return claimed;
  }

  /** After a loss nobody knows which of the offered bytes a lost record would have accepted. */
  dropOffered(): void {
    this.#keep((piece) => !isOffered(piece.source));
  }

  dropBefore(position: number): void {
    const first = this.#list[0];
    if (first !== undefined && first.start < position) this.#keep((piece) => piece.end > position);
  }

  clear(): void {
    this.#keep(() => false);
  }

  #push(piece: Piece): void {
    if (isThere(piece.at)) this.#slabs.hold(piece.at);
    this.bytes += held(piece);
    this.#list.push(piece);
  }

  #forget(piece: Piece): void {
    if (isThere(piece.at)) this.#slabs.release(piece.at);
    this.bytes -= held(piece);
  }

  #keep(wanted: (piece: Piece) => boolean): void {
    const before = this.#list;
    this.#list = before.filter(wanted);
    if (this.#list.length < before.length)
      for (const piece of before) if (!wanted(piece)) this.#forget(piece);
  }
}

/** Bytes that it keeps in the slabs. */
export function held(piece: Piece): number {
  return isThere(piece.at) ? piece.end - piece.start : 0;
}
