import type { MissingReason, Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";

/** Bytes or a gap that are next in a stream, and what was known when they were moved. */
type Item = { length: number; time: number; began: number; other: number | undefined } & (
  { kind: "data"; at: number; source: Source; callStart: boolean } | { kind: "gap"; reason: MissingReason }
);

/** What it costs to keep account of an item. */
const itemCost = 64;

/** What waits in a stream for its sink. Each item of bytes holds their slab. */
export class Backlog {
  /** Bytes, and what it costs to keep account of them. */
  size = 0;
  readonly #slabs: Slabs;
  readonly #items: Item[] = [];

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
  }

  push(item: Item): void {
    this.#hold(item);
    this.#items.push(item);
  }

  unshift(item: Item): void {
    this.#hold(item);
    this.#items.unshift(item);
  }

  /** The first: the caller is to release its bytes. */
  shift(): Item | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.size -= cost(item);
    return item;
  }

  #hold(item: Item): void {
    this.size += cost(item);
    if (item.kind === "data") this.#slabs.hold(item.at);
  }
}

function cost(item: Item): number {
  return itemCost + (item.kind === "data" ? item.length : 0);
}
