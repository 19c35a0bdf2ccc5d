import type { Slabs } from "../memory/slabs.ts";
import { Queue } from "./queue.ts";
import type { ExchangeRecord } from "./record.ts";

/** Bodies from here on are given up before smaller ones: few of them make much room. */
const large = 64 * 1024;
/** Bytes copied out of the slabs, at most. */
const maxCopied = 32 * 1024 * 1024;

/** Which bodies are given up when memory runs short: of the finished the oldest, large ones first; never a pinned one. */
export class Room {
  /** Bytes copied out of the slabs. */
  copied = 0;
  /** Bytes that are pinned. */
  pinned = 0;
  readonly #slabs: Slabs;
  readonly #inFlight: () => Iterable<ExchangeRecord>;
  /** Finished, and holding bytes, in the order they finished; those that were pinned since are passed over. */
  readonly #large = new Queue<ExchangeRecord>();
  readonly #small = new Queue<ExchangeRecord>();

  constructor(slabs: Slabs, inFlight: () => Iterable<ExchangeRecord>) {
    this.#slabs = slabs;
    this.#inFlight = inFlight;
  }

  /** It is finished: from now on its bodies may be given up, unless it is pinned. */
  add(record: ExchangeRecord): void {
    if (record.held > 0 && record.pins === 0) (record.held >= large ? this.#large : this.#small).push(record);
  }

  /** Its bodies were released. */
  forget(): void {
    // Records go in about the order in which they came.
    for (const queue of [this.#large, this.#small])
      while (queue.first !== undefined && queue.first.held === 0) queue.shift();
  }

  /** `false`: too much is pinned already. */
  pin(record: ExchangeRecord): boolean {
    if (record.pins === 0) {
      const bytes = record.held;
      if (this.pinned + bytes > this.#slabs.bytes.length / 2) return false;
      record.pinnedBytes = bytes;
      this.pinned += bytes;
    }
    record.pins++;
    return true;
  }

  unpin(record: ExchangeRecord): void {
    if (record.pins === 0 || --record.pins > 0) return;
    this.pinned -= record.pinnedBytes;
    record.pinnedBytes = 0;
    if (record.state !== "in-flight") this.add(record);
  }

  /** Gives up what it takes to have a quarter of the slabs free for what comes; tells of each that lost its bodies. */
  make(evicted: (record: ExchangeRecord) => void): void {
    while (this.#isShort) {
      const record = this.#large.shift() ?? this.#small.shift();
      if (record === undefined) break;
      if (record.pins === 0 && record.held > 0) evict(record, evicted);
    }
    // What is still coming in goes last, and only before all would come to a halt.
    while (this.#slabs.areShort) {
      const record = this.#largestInFlight();
      if (record === undefined) break;
      evict(record, evicted);
    }
  }

  get #isShort(): boolean {
    return this.#slabs.free < this.#slabs.count / 4 || this.copied > maxCopied;
  }

  #largestInFlight(): ExchangeRecord | undefined {
    let largest: ExchangeRecord | undefined;
    for (const record of this.#inFlight())
      if (record.pins === 0 && record.held > (largest?.held ?? 0)) largest = record;
    return largest;
  }
}

function evict(record: ExchangeRecord, evicted: (record: ExchangeRecord) => void): void {
  record.request?.body.evict();
  record.response?.body.evict();
  evicted(record);
}
