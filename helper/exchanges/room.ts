import type { Slabs } from "../memory/slabs.ts";
import type { Copies } from "../memory/copies.ts";
import { Queue } from "./queue.ts";
import type { CapturedExchange } from "./captured-exchange.ts";

/** Bodies from here on are given up before smaller ones: few of them make much room. */
const large = 64 * 1024;
/** Bytes copied out of the slabs, at most. */
const maxCopied = 32 * 1024 * 1024;

/** Which bodies are given up when memory runs short: of the finished the oldest, large ones first; never a pinned one. */
export class Room {
  /** Bytes that are pinned. */
  pinned = 0;
  readonly #slabs: Slabs;
  readonly #copies: Copies;
  readonly #inFlight: () => Iterable<CapturedExchange>;
  /** Finished, and holding bytes, in the order they finished; those that were pinned since are passed over. */
  readonly #large = new Queue<CapturedExchange>();
  readonly #small = new Queue<CapturedExchange>();

  constructor(slabs: Slabs, copies: Copies, inFlight: () => Iterable<CapturedExchange>) {
    this.#slabs = slabs;
    this.#copies = copies;
    this.#inFlight = inFlight;
  }

  /** It is finished: from now on its bodies may be given up, unless it is pinned. */
  add(exchange: CapturedExchange): void {
    if (exchange.held > 0 && exchange.pins === 0)
      (exchange.held >= large ? this.#large : this.#small).push(exchange);
  }

  /** Its bodies were released. */
  forget(): void {
    // Records go in about the order in which they came.
    for (const queue of [this.#large, this.#small])
      while (queue.first !== undefined && queue.first.held === 0) queue.shift();
  }

  /** `false`: too much is pinned already. */
  pin(exchange: CapturedExchange): boolean {
    if (exchange.pins === 0) {
      const bytes = exchange.held;
      if (this.pinned + bytes > this.#slabs.bytes.length / 2) return false;
      exchange.pinnedBytes = bytes;
      this.pinned += bytes;
    }
    exchange.pins++;
    return true;
  }

  unpin(exchange: CapturedExchange): void {
    if (exchange.pins === 0 || --exchange.pins > 0) return;
    this.pinned -= exchange.pinnedBytes;
    exchange.pinnedBytes = 0;
    if (exchange.state !== "in-flight") this.add(exchange);
  }

  /** Gives up what it takes to have a quarter of the slabs free for what comes; tells of each that lost its bodies. */
  make(evicted: (exchange: CapturedExchange) => void): void {
    while (this.#isShort) {
      const exchange = this.#large.shift() ?? this.#small.shift();
      if (exchange === undefined) break;
      if (exchange.pins === 0 && exchange.held > 0) evict(exchange, evicted);
    }
    // What is still coming in goes last, and only before all would come to a halt.
    while (this.#slabs.areShort) {
      const exchange = this.#largestInFlight();
      if (exchange === undefined) break;
      evict(exchange, evicted);
    }
  }

  get #isShort(): boolean {
    return this.#slabs.free < this.#slabs.count / 4 || this.#copies.held > maxCopied;
  }

  #largestInFlight(): CapturedExchange | undefined {
    let largest: CapturedExchange | undefined;
    for (const exchange of this.#inFlight())
      if (exchange.pins === 0 && exchange.held > (largest?.held ?? 0)) largest = exchange;
    return largest;
  }
}

function evict(exchange: CapturedExchange, evicted: (exchange: CapturedExchange) => void): void {
  exchange.request?.body.evict();
  exchange.response?.body.evict();
  evicted(exchange);
}
