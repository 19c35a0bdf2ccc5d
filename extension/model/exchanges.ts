/** The exchanges that the tree and the panel show: summaries by id, the newest `limit` of them. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { maxExchanges, type Notifications } from "../../protocol/rpc.ts";
import { Listeners } from "./listeners.ts";

export interface ExchangesChange {
  /** Rows that are new. Others may have gone. */
  arrived: number;
  /** Ids of rows that were there and changed. */
  changed: number[];
}

export class Exchanges {
  #byId = new Map<number, ExchangeSummary>();
  readonly #listeners = new Listeners<ExchangesChange>();
  readonly #limit: number;
  #generation = 0;
  #newestId: number | undefined;
  #kept = 0;

  constructor(limit: number = maxExchanges) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Exchanges that the helper keeps and has not sent: under load it sends the newest, and the others when asked. */
  get unsent(): number {
    return Math.max(this.#kept - this.#byId.size, 0);
  }

  /** Ids are unique within one generation: one helper's life. */
  get generation(): number {
    return this.#generation;
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
    this.#kept = batch.kept;
    const changed = batch.exchanges.map(({ id }) => id).filter((id) => this.#byId.has(id));
    const arrived = this.#put(batch.exchanges);
    let gone = false;
    for (const id of batch.dropped) gone = this.#byId.delete(id) || gone;
    if (this.#byId.size > this.#limit) this.#dropOldest();
    if (arrived > 0 || gone || changed.length > 0) this.#listeners.fire({ arrived, changed });
  }

  /** Takes rows that were asked for. */
  add(summaries: readonly ExchangeSummary[]): void {
    const arrived = this.#put(summaries);
    if (arrived > 0) this.#listeners.fire({ arrived, changed: [] });
  }

  /** Gives how many are new. */
  #put(summaries: readonly ExchangeSummary[]): number {
    const before = this.#byId.size;
    let ordered = true;
    for (const summary of summaries) {
      const isNew = !this.#byId.has(summary.id);
      if (isNew && summary.id < (this.#newestId ?? 0)) ordered = false;
      if (isNew) this.#newestId = Math.max(summary.id, this.#newestId ?? 0);
      this.#byId.set(summary.id, summary);
    }
    // A Map keeps its keys in the order in which they came, which for most is that of the ids.
    if (!ordered) this.#byId = new Map([...this.#byId].sort(([a], [b]) => a - b));
    return this.#byId.size - before;
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
    this.#listeners.fire({ arrived: 0, changed: [] });
  }

  /** Begins anew: another helper counts its ids from the start. */
  reset(): void {
    this.#generation++;
    this.#newestId = undefined;
    this.#kept = 0;
    this.#byId.clear();
    this.#listeners.fire({ arrived: 0, changed: [] });
  }
}
