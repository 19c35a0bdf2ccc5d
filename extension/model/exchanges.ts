/**
 * The window's exchanges: rows in runs, the newest `limit` of them. They outlive the helper that captured them; only
 * `clear` and the limits take them away, and what the limits took is counted.
 */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { maxExchanges, type Notifications } from "../../protocol/rpc.ts";
import { isInspectorHandshake } from "./debugger-traffic.ts";
import { ExchangeRow, inOrder, placeOf } from "./exchange-row.ts";
import { ListedRows } from "./listed-rows.ts";
import { Listeners } from "./listeners.ts";
import { OwnConnections } from "./own-connections.ts";
import type { RowChange, RowSource } from "./row-source.ts";
import { exchangeKey, partsOf, type ExchangeKey, type Run } from "./run.ts";
import { FactsPool } from "./shared-facts.ts";
import { addSorted, removeAll } from "./sorted.ts";

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
  /** Those that it did not capture, as the settings said; and of them the ones that were cleared. */
  excluded: number;
  excludedBefore: number;
  /** Nothing of it can be read any more. */
  gone: boolean;
}

export class Exchanges implements RowSource {
  readonly #rows: ExchangeRow[] = [];
  readonly #pool = new FactsPool();
  #runs: Run[] = [];
  /** Rows of each run. */
  readonly #runSizes = new Map<Run, number>();
  readonly #keepers = new Map<number, Keeper>();
  readonly #listeners = new Listeners<readonly RowChange[]>();
  readonly #limit: number;
  /** What views list of them. */
  readonly listed = new ListedRows(this);
  /** What passes there is none of the program's traffic, and no row. */
  readonly ownConnections = new OwnConnections();

  constructor(limit: number = maxExchanges) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Exchanges that a helper keeps and is about to send: in a flood the newest come first. */
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

  /** Exchanges that the settings kept from being captured since the last `clear`. */
  get excluded(): number {
    return sum(this.#keepers.values(), ({ excluded, excludedBefore }) => excluded - excludedBefore);
  }

  /** All that can be listed. */
  get total(): number {
    return this.listed.rows.length + this.unsent;
  }

  /** The oldest first; those that have neither rows nor a future are left out. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  /** Run by run, and within a run in the order of the requests; the oldest first. True for now. */
  get rows(): readonly ExchangeRow[] {
    return this.#rows;
  }

  get(key: ExchangeKey): ExchangeRow | undefined {
    const { source, id } = partsOf(key);
    const { at, found } = placeOf(this.#rows, source, id);
    return found ? this.#rows[at] : undefined;
  }

  /** Hears of rows that came, changed and went, and of runs that began and ended (with no row). */
  onChange(listener: (changes: readonly RowChange[]) => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** Begins a run: what this helper reports from now on belongs to it. */
  begin(helper: number, now: number): void {
    const first = this.#keeper(helper).newest + 1;
    this.#runs.push({ helper, first, began: now });
    this.#listeners.fire([]);
  }

  /** Ends the run that goes on; what is in flight in it has got its end from the helper before. */
  end(now: number, reason: string): void {
    const run = this.#runs.at(-1);
    if (!run || run.ended) return;
    run.ended = { time: now, reason };
    this.#forgetEmptyRuns();
    this.#listeners.fire([]);
  }

  /** A helper has gone, and the bodies with it. Nobody will tell the end of what is in flight: the capture ended first. */
  lose(helper: number): void {
    const changes: RowChange[] = [];
    for (const [at, before] of this.#rows.entries()) {
      if (before.source !== helper || before.state !== "in-flight") continue;
      const after = new ExchangeRow(helper, { ...before.summary, state: "stopped" }, before.run, this.#pool);
      this.#rows[at] = after;
      changes.push({ before, after });
    }
    this.#keeper(helper).gone = true;
    this.#listeners.fire(changes);
  }

  /** Takes one batch from a helper; listeners hear of it once. */
  apply(helper: number, batch: Notifications["tinytap/exchanges"]): void {
    const keeper = this.#keeper(helper);
    keeper.kept = batch.kept;
    const changes = this.#put(helper, batch.exchanges);
    const dropped = batch.dropped.filter((id) => !keeper.hidden.delete(id));
    const gone = dropped.flatMap((id) => this.get(exchangeKey(helper, id)) ?? []);
    changes.push(...this.#remove(gone));
    changes.push(...this.#remove(this.#oldest(this.size - this.#limit)));
    if (changes.length > 0) this.#listeners.fire(changes);
  }

  /** A helper has left out so many in all. */
  exclude(helper: number, count: number): void {
    const keeper = this.#keeper(helper);
    if (keeper.excluded === count) return;
    keeper.excluded = count;
    this.#listeners.fire([]);
  }

  /** Drops what has ended; what is in flight will still be updated, and stays. */
  clear(): void {
    const changes = this.#remove(this.#rows.filter(({ state }) => state !== "in-flight"));
    for (const keeper of this.#keepers.values()) {
      keeper.hidden.clear();
      keeper.kept = keeper.rows;
      keeper.excludedBefore = keeper.excluded;
      keeper.cleared = keeper.newest - keeper.everHidden - keeper.rows;
    }
    this.#listeners.fire(changes);
  }

  #keeper(helper: number): Keeper {
    let keeper = this.#keepers.get(helper);
    if (keeper) return keeper;
    keeper = {
      ...{ kept: 0, rows: 0, hidden: new Set(), everHidden: 0, newest: 0, cleared: 0 },
      ...{ excluded: 0, excludedBefore: 0, gone: false },
    };
    this.#keepers.set(helper, keeper);
    return keeper;
  }

  #put(helper: number, summaries: readonly ExchangeSummary[]): RowChange[] {
    const keeper = this.#keeper(helper);
    const changes: RowChange[] = [];
    const fresh: ExchangeRow[] = [];
    for (const summary of summaries) {
      const { id } = summary;
      if (isInspectorHandshake(summary) || this.ownConnections.has(summary)) {
        if (!keeper.hidden.has(id)) keeper.everHidden++;
        keeper.hidden.add(id);
        keeper.newest = Math.max(id, keeper.newest);
        continue;
      }
      const { at, found } = placeOf(this.#rows, helper, id);
      const before = found ? this.#rows[at] : undefined;
      const run = before ? before.run : this.#runOf(helper, id);
      const after = new ExchangeRow(helper, summary, run, this.#pool);
      changes.push({ before, after });
      if (before) {
        this.#rows[at] = after;
        continue;
      }
      fresh.push(after);
      keeper.rows++;
      keeper.newest = Math.max(id, keeper.newest);
      if (run) this.#runSizes.set(run, (this.#runSizes.get(run) ?? 0) + 1);
    }
    addSorted(this.#rows, fresh.toSorted(inOrder), inOrder);
    return changes;
  }

  #runOf(helper: number, id: number): Run | undefined {
    return this.#runs.findLast((run) => run.helper === helper && run.first <= id);
  }

  /** The oldest `count`; never one in flight: its next update would bring it back as if it were the newest. */
  #oldest(count: number): ExchangeRow[] {
    const oldest: ExchangeRow[] = [];
    for (let at = 0; at < this.size && oldest.length < count; at++)
      if (this.#rows[at]!.state !== "in-flight") oldest.push(this.#rows[at]!);
    return oldest;
  }

  #remove(gone: readonly ExchangeRow[]): RowChange[] {
    if (gone.length === 0) return [];
    for (const { source, run } of gone) {
      this.#keeper(source).rows--;
      if (run) this.#runSizes.set(run, (this.#runSizes.get(run) ?? 0) - 1);
    }
    removeAll(this.#rows, new Set(gone));
    this.#forgetEmptyRuns();
    return gone.map((before) => ({ before, after: undefined }));
  }

  #forgetEmptyRuns(): void {
    const isUsed = (run: Run) => !run.ended || (this.#runSizes.get(run) ?? 0) > 0;
    if (this.#runs.every(isUsed)) return;
    for (const run of this.#runs) if (!isUsed(run)) this.#runSizes.delete(run);
    this.#runs = this.#runs.filter(isUsed);
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
