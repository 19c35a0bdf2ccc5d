/**
 * The window's exchanges: summaries in runs, the newest `limit` of them. They outlive the helper that captured them;
 * only `clear` and the limits take them away, and what the limits took is counted.
 */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { maxExchanges, type Notifications } from "../../protocol/rpc.ts";
import { isInspectorHandshake } from "./debugger-traffic.ts";
import { OwnConnections } from "./own-connections.ts";
import { Listeners } from "./listeners.ts";
import { isListed } from "./other-ends.ts";
import { exchangeKey, partsOf, type ExchangeKey, type Run } from "./run.ts";

export interface ExchangeRow extends ExchangeSummary {
  key: ExchangeKey;
  /** Absent only for what was reported outside any run. */
  run: Run | undefined;
}

export interface ExchangesChange {
  /** Rows or runs came or went, not only changed. */
  structure: boolean;
  /** Rows that were there and changed. */
  changed: ExchangeKey[];
}

/** What is known of one helper. */
interface Keeper {
  /** Exchanges that it keeps. */
  kept: number;
  /** Of those the rows that are here. */
  rows: number;
  /** Those that are none of the program's, and no rows: what it keeps of them, and how many there were. */
  hidden: Set<number>;
  everHidden: number;
  /** The highest id that it gave so far: it counts them from 1. */
  newest: number;
  /** So many of its exchanges were cleared. */
  cleared: number;
  /** Nothing of it can be read any more. */
  gone: boolean;
}

export class Exchanges {
  #rows = new Map<ExchangeKey, ExchangeRow>();
  /** Until they change: it is asked for several times between two changes. */
  #listed: ExchangeRow[] | undefined;
  #runs: Run[] = [];
  readonly #keepers = new Map<number, Keeper>();
  readonly #listeners = new Listeners<ExchangesChange>();
  readonly #limit: number;
  /** What passes there is none of the program's traffic, and no row. */
  readonly ownConnections = new OwnConnections();

  constructor(limit: number = maxExchanges) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Exchanges that a helper keeps and has not sent: under load it sends the newest, and the others when asked. */
  get unsent(): number {
    return sum(this.#keepers.values(), unsentOf);
  }

  /** Exchanges that the limits took since the last `clear`, or that a helper had not sent when it went. */
  get givenUp(): number {
    return sum(this.#keepers.values(), (keeper) => {
      const { newest, cleared, everHidden, rows } = keeper;
      return Math.max(newest - cleared - everHidden - rows - unsentOf(keeper), 0);
    });
  }

  /** All that can be listed. */
  get total(): number {
    return this.listed().length + this.unsent;
  }

  /** The oldest first; those that have neither rows nor a future are left out. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  get(key: ExchangeKey): ExchangeRow | undefined {
    return this.#rows.get(key);
  }

  /** Run by run, and within a run in the order of the requests; the oldest first. */
  all(): ExchangeRow[] {
    return [...this.#rows.values()];
  }

  /** As `all`, what was captured on both ends of its connection once. */
  listed(): readonly ExchangeRow[] {
    const get = (key: ExchangeKey) => this.#rows.get(key);
    return (this.#listed ??= this.all().filter((row) => isListed(row, get)));
  }

  onChange(listener: (change: ExchangesChange) => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** Begins a run: what this helper reports from now on belongs to it. */
  begin(helper: number, now: number): void {
    const first = this.#keeper(helper).newest + 1;
    this.#runs.push({ helper, first, began: now });
    this.#listeners.fire({ structure: true, changed: [] });
  }

  /** Ends the run that goes on; what is in flight in it has got its end from the helper before. */
  end(now: number, reason: string): void {
    const run = this.#runs.at(-1);
    if (!run || run.ended) return;
    run.ended = { time: now, reason };
    this.#forgetEmptyRuns();
    this.#listeners.fire({ structure: true, changed: [] });
  }

  /** A helper has gone, and the bodies with it. Nobody will tell the end of what is in flight: the capture ended first. */
  lose(helper: number): void {
    const changed: ExchangeKey[] = [];
    this.#listed = undefined;
    for (const [key, row] of this.#rows) {
      if (partsOf(key).source !== helper || row.state !== "in-flight") continue;
      this.#rows.set(key, { ...row, state: "stopped" });
      changed.push(key);
    }
    this.#keeper(helper).gone = true;
    this.#listeners.fire({ structure: true, changed });
  }

  /** Takes one batch from a helper; listeners hear of it once. */
  apply(helper: number, batch: Notifications["tinytap/exchanges"]): void {
    const changed = batch.exchanges
      .map(({ id }) => exchangeKey(helper, id))
      .filter((key) => this.#rows.has(key));
    this.#keeper(helper).kept = batch.kept;
    let structure = this.#put(helper, batch.exchanges);
    for (const id of batch.dropped)
      if (!this.#keeper(helper).hidden.delete(id) && this.#delete(exchangeKey(helper, id))) structure = true;
    this.#dropOldest();
    if (structure || changed.length > 0) this.#listeners.fire({ structure, changed });
  }

  /** Takes rows that were asked for. */
  add(helper: number, summaries: readonly ExchangeSummary[]): void {
    if (this.#put(helper, summaries)) this.#listeners.fire({ structure: true, changed: [] });
  }

  /** Drops what has ended; what is in flight will still be updated, and stays. */
  clear(): void {
    for (const [key, { state }] of this.#rows) if (state !== "in-flight") this.#delete(key);
    for (const keeper of this.#keepers.values()) {
      keeper.hidden.clear();
      keeper.kept = keeper.rows;
      keeper.cleared = keeper.newest - keeper.everHidden - keeper.rows;
    }
    this.#forgetEmptyRuns();
    this.#listeners.fire({ structure: true, changed: [] });
  }

  #keeper(helper: number): Keeper {
    let keeper = this.#keepers.get(helper);
    if (keeper) return keeper;
    keeper = { kept: 0, rows: 0, hidden: new Set(), everHidden: 0, newest: 0, cleared: 0, gone: false };
    this.#keepers.set(helper, keeper);
    return keeper;
  }

  /** Gives whether rows are new. */
  #put(helper: number, summaries: readonly ExchangeSummary[]): boolean {
    this.#listed = undefined;
    const keeper = this.#keeper(helper);
    const before = this.#rows.size;
    let ordered = true;
    for (const summary of summaries) {
      if (isInspectorHandshake(summary) || this.ownConnections.has(summary)) {
        if (!keeper.hidden.has(summary.id)) keeper.everHidden++;
        keeper.hidden.add(summary.id);
        keeper.newest = Math.max(summary.id, keeper.newest);
        continue;
      }
      const key = exchangeKey(helper, summary.id);
      if (!this.#rows.has(key)) {
        keeper.rows++;
        if (summary.id < keeper.newest || helper < (this.#runs.at(-1)?.helper ?? 0)) ordered = false;
        keeper.newest = Math.max(summary.id, keeper.newest);
      }
      const run = this.#rows.get(key)?.run ?? this.#runOf(helper, summary.id);
      this.#rows.set(key, { ...summary, key, run });
    }
    // A Map keeps its keys in the order in which they came, which for most is the right one.
    if (!ordered) this.#sort();
    return this.#rows.size > before;
  }

  #runOf(helper: number, id: number): Run | undefined {
    return this.#runs.findLast((run) => run.helper === helper && run.first <= id);
  }

  #sort(): void {
    const parts = [...this.#rows].map((entry) => ({ entry, ...partsOf(entry[0]) }));
    parts.sort((a, b) => a.source - b.source || a.id - b.id);
    this.#rows = new Map(parts.map(({ entry }) => entry));
  }

  /** Never one in flight: its next update would bring it back as if it were the newest. */
  #dropOldest(): void {
    if (this.#rows.size <= this.#limit) return;
    for (const [key, { state }] of this.#rows) {
      if (this.#rows.size <= this.#limit) break;
      if (state !== "in-flight") this.#delete(key);
    }
    this.#forgetEmptyRuns();
  }

  #delete(key: ExchangeKey): boolean {
    if (!this.#rows.delete(key)) return false;
    this.#listed = undefined;
    this.#keeper(partsOf(key).source).rows--;
    return true;
  }

  #forgetEmptyRuns(): void {
    const used = new Set([...this.#rows.values()].map(({ run }) => run));
    this.#runs = this.#runs.filter((run) => !run.ended || used.has(run));
  }
}

function unsentOf({ kept, rows, hidden, gone }: Keeper): number {
  return gone ? 0 : Math.max(kept - rows - hidden.size, 0);
}

function sum(keepers: Iterable<Keeper>, count: (keeper: Keeper) => number): number {
  let total = 0;
  for (const keeper of keepers) total += count(keeper);
  return total;
}
