import { createHash } from "node:crypto";
import type { BufferPool } from "../stream/pool.ts";
import type { Body, Missing, MissingReason, Range, Source, State } from "../../protocol/exchange.ts";

/** What all bodies share: how much is kept of each, and of all. */
export interface Budget {
  readonly maxBody: number;
  readonly pool: BufferPool;
  /** Asks for room for so many bytes more; `false`: there is none. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** A first buffer for a body of unknown length, and the most that a mere announcement of a length is trusted with. */
const firstUnknown = 1024;
const firstKnown = 64 * 1024;

const empty: Uint8Array = new Uint8Array(0);
const sha256OfNothing = createHash("sha256").digest("hex");

/** Keeps a body's bytes at their offsets, with the source of each range and the reason of each that is missing. */
export class BodyRecorder {
  size = 0;
  end: State = "in-flight";
  sha256: string | undefined;
  #ranges: Range[] = [];
  #missing: Missing[] = [];
  #buffer = empty;
  /** No more is stored: bytes were given up. */
  #evicted = false;
  readonly #budget: Budget;
  readonly #expected: number | undefined;

  /** `expected`: the size, where the head says it. */
  constructor(budget: Budget, expected: number | undefined) {
    this.#budget = budget;
    this.#expected = expected;
  }

  get hasMissing(): boolean {
    return this.#missing.length > 0;
  }

  /** Bytes of memory held. */
  get held(): number {
    return this.#buffer.length;
  }

  append(bytes: Uint8Array, source: Source): void {
    const start = this.size;
    const end = start + bytes.length;
    const stop = Math.min(end, this.#budget.maxBody);
    if (stop > start && (stop <= this.#buffer.length || this.#grow(stop))) {
      this.#buffer.set(stop === end ? bytes : bytes.subarray(0, stop - start), start);
      this.#hold(start, stop, source);
      this.size = stop;
    }
    if (this.size < end) this.miss(end - this.size, this.#evicted ? "evicted" : "body-limit");
  }

  miss(length: number, reason: MissingReason): void {
    if (length === 0) return;
    const end = this.size + length;
    const limit = this.#budget.maxBody;
    // Beyond the limit it would not have been kept anyway.
    if (reason === "body-limit" || reason === "evicted" || reason === "never-sent" || end <= limit)
      this.#miss(this.size, end, reason);
    else {
      if (this.size < limit) this.#miss(this.size, limit, reason);
      this.#miss(Math.max(this.size, limit), end, "body-limit");
    }
    this.size = end;
  }

  /** Bytes `[start, end)`; missing ones are zero. */
  read(start: number, end: number): Uint8Array {
    const from = Math.min(Math.max(start, 0), this.size);
    const bytes = new Uint8Array(Math.max(Math.min(end, this.size) - from, 0));
    for (const range of this.#ranges) {
      const first = Math.max(range.start, from);
      const last = Math.min(range.end, from + bytes.length);
      if (first < last) bytes.set(this.#buffer.subarray(first, last), first - from);
    }
    return bytes;
  }

  digest(): void {
    if (this.end !== "complete" || this.hasMissing) return;
    this.sha256 =
      this.size === 0
        ? sha256OfNothing
        : createHash("sha256").update(this.#buffer.subarray(0, this.size)).digest("hex");
  }

  /** Gives up every byte held. */
  evict(): void {
    if (this.held === 0) return;
    this.release();
    this.#ranges = [];
    this.#missing = this.size > 0 ? [{ start: 0, end: this.size, reason: "evicted" }] : [];
    this.#evicted = true;
    this.sha256 = undefined;
  }

  /** Gives the memory back; the recorder is not used any more. */
  release(): void {
    this.#budget.give(this.#buffer.length);
    this.#budget.pool.give(this.#buffer);
    this.#buffer = empty;
  }

  toBody(): Body {
    const body: Body = {
      size: this.size,
      end: this.end,
      ranges: this.#ranges.map((range) => ({ ...range })),
      missing: this.#missing.map((missing) => ({ ...missing })),
    };
    if (this.sha256 !== undefined) body.sha256 = this.sha256;
    return body;
  }

  #hold(start: number, end: number, source: Source): void {
    const last = this.#ranges.at(-1);
    if (last !== undefined && last.end === start && last.source === source) last.end = end;
    else this.#ranges.push({ start, end, source });
  }

  #miss(start: number, end: number, reason: MissingReason): void {
    const last = this.#missing.at(-1);
    if (last !== undefined && last.end === start && last.reason === reason) last.end = end;
    else this.#missing.push({ start, end, reason });
  }

  #grow(needed: number): boolean {
    if (this.#evicted) return false;
    const old = this.#buffer;
    const likely = this.#expected === undefined ? firstUnknown : Math.min(this.#expected, firstKnown);
    const most = Math.min(this.#expected ?? Infinity, this.#budget.maxBody);
    const capacity = Math.max(needed, Math.min(Math.max(likely, 4 * old.length), most));
    const larger = this.#take(capacity, old.length) ?? this.#take(needed, old.length);
    if (larger === undefined) {
      this.#evicted = true;
      return false;
    }
    if (old.length > 0) {
      larger.set(old.subarray(0, this.size));
      this.#budget.pool.give(old);
    }
    this.#buffer = larger;
    return true;
  }

  /** A buffer in place of one of `replaced` bytes, if there is room for it. */
  #take(size: number, replaced: number): Uint8Array | undefined {
    const { pool } = this.#budget;
    const buffer = pool.take(size);
    if (this.#budget.take(buffer.length - replaced)) return buffer;
    pool.give(buffer);
    return undefined;
  }
}
