/** The exchanges that the tree and the panel show: summaries by id, the newest `limit` of them. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { maxExchanges, type Notifications } from "../../protocol/rpc.ts";
import { Listeners } from "./listeners.ts";

export interface ExchangesChange {
  /** Rows came or went, not only changed. */
  structure: boolean;
  /** Ids of rows that were there and changed. */
  changed: number[];
}

export class Exchanges {
  readonly #byId = new Map<number, ExchangeSummary>();
  readonly #listeners = new Listeners<ExchangesChange>();
  readonly #limit: number;
  #generation = 0;
  #newestId: number | undefined;

  constructor(limit: number = maxExchanges) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Ids are unique within one generation: one helper's life. */
  get generation(): number {
    return this.#generation;
  }

  get newestId(): number | undefined {
    return this.#newestId !== undefined && this.#byId.has(this.#newestId) ? this.#newestId : undefined;
  }

  get(id: number): ExchangeSummary | undefined {
    return this.#byId.get(id);
  }

  /** In order of id, the oldest first. */
  all(): ExchangeSummary[] {
    return [...this.#byId.values()];
  }

  onChange(listener: (change: ExchangesChange) => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** Takes one batch from the helper; listeners hear of it once. */
  apply(batch: Notifications["tinytap/exchanges"]): void {
    const changed: number[] = [];
    let structure = false;
    for (const summary of batch.exchanges) {
      if (this.#byId.has(summary.id)) changed.push(summary.id);
      else {
        structure = true;
        this.#newestId = summary.id;
      }
      // A Map keeps the place of a key that it has: rows stay in order of id, as new ids only ascend.
      this.#byId.set(summary.id, summary);
    }
    for (const id of batch.dropped) if (this.#byId.delete(id)) structure = true;
    if (this.#byId.size > this.#limit) this.#dropOldest();
    if (structure || changed.length > 0) this.#listeners.fire({ structure, changed });
  }

  /** Never one in flight: its next update would bring it back as if it were the newest. */
  #dropOldest(): void {
    for (const [id, summary] of this.#byId) {
      if (this.#byId.size <= this.#limit) return;
      if (summary.state !== "in-flight") this.#byId.delete(id);
    }
  }

  /** Drops what has ended; what is in flight will still be updated, and stays. */
  clearFinished(): void {
    for (const [id, summary] of this.#byId) if (summary.state !== "in-flight") this.#byId.delete(id);
    this.#listeners.fire({ structure: true, changed: [] });
  }

  /** Begins anew: another helper counts its ids from the start. */
  reset(): void {
    this.#generation++;
    this.#newestId = undefined;
    this.#byId.clear();
    this.#listeners.fire({ structure: true, changed: [] });
  }
}
