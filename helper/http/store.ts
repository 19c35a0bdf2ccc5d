import { BufferPool } from "../stream/pool.ts";
import { BodyRecorder, type Budget } from "./body.ts";
import type { RequestHead } from "./head.ts";
import { Queue } from "./queue.ts";
import { ExchangeRecord, type Place } from "./record.ts";

const leastHeld = 8 * 1024 * 1024;

export interface StoreLimits {
  /** Bytes kept per body. */
  maxBody: number;
  /** Bytes kept of all bodies. */
  maxTotal: number;
  /** Finished exchanges kept. */
  maxExchanges: number;
  /** Compute SHA-256 of whole bodies. */
  digests: boolean;
}

/** Ids, ascending, each once. */
export interface Changes {
  /** New, or not as they were; those that finished too. */
  changed: number[];
  finished: number[];
  /** No longer kept. */
  dropped: number[];
}

/** Every exchange known, within limits: the oldest finished give up their bodies first, then themselves. */
export class Store implements Budget {
  readonly maxBody: number;
  /** Bytes that each direction of a connection may keep back, as their call has not ended. */
  readonly maxHeld: number;
  readonly pool = new BufferPool();
  /** Finished so far, also those no longer kept. */
  finishedCount = 0;
  inFlight = 0;
  /** Finished, and dropped before anybody took the change. */
  unseen = 0;
  readonly #limits: StoreLimits;
  readonly #records = new Map<number, ExchangeRecord>();
  /** Finished and kept, in the order they finished. */
  readonly #finished = new Queue<ExchangeRecord>();
  /** Those of them that hold bytes, in the same order. */
  readonly #holding = new Queue<ExchangeRecord>();
  #held = 0;
  #nextId = 1;
  #changed: number[] = [];
  #newlyFinished: number[] = [];
  #dropped: number[] = [];

  constructor(limits: StoreLimits) {
    this.#limits = limits;
    this.maxBody = limits.maxBody;
    this.maxHeld = Math.max(leastHeld, limits.maxBody);
  }

  /** `time` in kernel milliseconds. */
  create(place: Place, head: RequestHead, expected: number | undefined, time: number): ExchangeRecord {
    const record = new ExchangeRecord(this.#nextId++, place, { head, body: this.body(expected) }, time);
    this.#records.set(record.id, record);
    this.inFlight++;
    this.touch(record);
    return record;
  }

  body(expected: number | undefined): BodyRecorder {
    return new BodyRecorder(this, expected);
  }

  get kept(): number {
    return this.#records.size;
  }

  get(id: number): ExchangeRecord | undefined {
    return this.#records.get(id);
  }

  touch(record: ExchangeRecord): void {
    if (record.dirty) return;
    record.dirty = true;
    this.#changed.push(record.id);
  }

  finish(record: ExchangeRecord): void {
    const { request, response } = record;
    record.state = record.harm ?? "complete";
    if (this.#limits.digests) {
      request.body.digest();
      response?.body.digest();
    }
    this.touch(record);
    this.inFlight--;
    this.finishedCount++;
    this.#newlyFinished.push(record.id);
    this.#finished.push(record);
    if (record.held > 0) this.#holding.push(record);
    if (this.#finished.length > this.#limits.maxExchanges) this.#dropOldest();
  }

  clear(): void {
    this.#newlyFinished = []; // nobody wants to hear of them
    while (this.#finished.length > 0) this.#dropOldest();
  }

  takeChanges(): Changes {
    const changed = this.#changed.filter((id) => this.#records.has(id)).sort(ascending);
    const finished = this.#newlyFinished.filter((id) => this.#records.has(id)).sort(ascending);
    const dropped = this.#dropped.sort(ascending);
    this.unseen += this.#newlyFinished.length - finished.length;
    for (const id of changed) this.#records.get(id)!.dirty = false;
    this.#changed = [];
    this.#newlyFinished = [];
    this.#dropped = [];
    return { changed, finished, dropped };
  }

  take(bytes: number): boolean {
    while (this.#held + bytes > this.#limits.maxTotal) {
      const oldest = this.#holding.shift();
      if (oldest === undefined) return false;
      oldest.request.body.evict();
      oldest.response?.body.evict();
      this.touch(oldest);
    }
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }

  #dropOldest(): void {
    const record = this.#finished.shift();
    if (record === undefined) return;
    // What holds bytes is in the same order, so it can only be the first.
    if (this.#holding.first === record) this.#holding.shift();
    record.request.body.release();
    record.response?.body.release();
    this.#records.delete(record.id);
    this.#dropped.push(record.id);
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
