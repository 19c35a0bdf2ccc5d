/** Watches the processes of one debug session, for as long as it holds a lease on the capture. */
import type { Processes } from "../../client/proc.ts";
import type { Target, TargetResult } from "../../protocol/capture.ts";
import { messageOf } from "../model/message-of.ts";
import { DebuggeeFinder, type SessionFacts } from "./debuggee-finder.ts";

const searchInterval = 100;

/** The part of a capture's lease that it needs. */
export interface SessionLease {
  readonly held: boolean;
  watch(targets: Target[]): Promise<TargetResult[]>;
  dispose(): void;
}

export interface WatcherSurroundings {
  processes: Processes;
  /** The extension host's pid. */
  host: number;
  uid: number;
  log: { info(line: string): void; error(line: string): void };
  /** Hears of each process of the session. */
  found?(pid: number): void;
}

export class SessionWatcher {
  readonly #surroundings: WatcherSurroundings;
  readonly #finder: DebuggeeFinder;
  #lease: SessionLease | undefined;
  #search: NodeJS.Timeout | undefined;
  #over = false;
  /** Messages are taken one after the other, as looking at processes takes time. */
  #turn: Promise<void>;

  constructor(facts: SessionFacts, surroundings: WatcherSurroundings) {
    this.#surroundings = surroundings;
    const { processes, host, uid } = surroundings;
    this.#finder = new DebuggeeFinder(facts, processes, host, uid);
    this.#turn = this.#look(() => this.#finder.begin());
  }

  /** Resolves when what it was told so far is watched. */
  get settled(): Promise<void> {
    return this.#turn;
  }

  /** From now on what it finds is captured, and what it has found already. */
  hold(lease: SessionLease): void {
    this.#lease?.dispose();
    this.#lease = lease;
    this.#turn = this.#turn.then(() => (this.#finder.targets.length > 0 ? this.#watch() : undefined));
  }

  /** Takes a message from or to the adapter. */
  take(message: unknown): void {
    const seen = this.#surroundings.processes.now();
    this.#turn = this.#turn.then(() => this.#look(() => this.#finder.take(message, seen)));
  }

  dispose(): void {
    this.#over = true;
    clearTimeout(this.#search);
    this.#lease?.dispose();
  }

  async #look(look: () => Promise<boolean>): Promise<void> {
    try {
      if (await look()) await this.#watch();
    } catch (error) {
      this.#surroundings.log.error(messageOf(error));
    }
    if (!this.#finder.searching || this.#over) return;
    // One look at a time, however long it takes.
    this.#search ??= setTimeout(() => {
      this.#search = undefined;
      this.#turn = this.#turn.then(() => this.#look(() => this.#finder.search()));
    }, searchInterval);
  }

  async #watch(): Promise<void> {
    const { targets } = this.#finder;
    for (const { pid } of targets) this.#surroundings.found?.(pid);
    if (!this.#lease?.held) return;
    if (targets.length > 0)
      this.#surroundings.log.info(`Debug session: process ${targets.map(({ pid }) => pid).join(", ")}`);
    await this.#lease.watch(targets);
  }
}
