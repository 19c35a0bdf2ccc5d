/**
 * Finds the processes of one debug session. Better knowledge replaces worse:
 *
 * 1. the adapter's `process` event, js-debug's session name, or the process id that is attached to;
 * 2. what was started below the terminal that the adapter asked for;
 * 3. what a native debugger below the extension host traces;
 * 4. without debugging, nothing of that exists: everything the extension host has started since the launch began.
 *    That is the adapter, watched before the launch reaches it, so that the kernel follows its child from the first
 *    instruction on; or the debuggee itself where the adapter lives in the extension host, as js-debug does.
 */
import type { Target } from "../../protocol/capture.ts";
import { clueOf, pidInName, type Clue } from "./clues.ts";
import type { Processes } from "./processes.ts";

export interface SessionFacts {
  type: string;
  name: string;
  isChild: boolean;
  /** Whether the session, or the one it is a child of, attaches rather than launches. */
  attaches: boolean;
  /** When the launch began, on the clock of `ProcessEntry.started`. */
  since: number;
}

/** A search that nothing ends goes on for this long, in clock ticks. */
const searchTicks = 1000;

const rank = { named: 1, terminal: 2, traced: 3, started: 4, none: 5 };

export class DebuggeeFinder {
  readonly #session: SessionFacts;
  readonly #processes: Processes;
  /** The extension host: adapters, and js-debug's debuggees, are its children. */
  readonly #host: number;
  readonly #uid: number;
  readonly #found = new Set<number>();
  #rank = rank.none;
  #terminal: { pid: number; since: number } | undefined;
  #terminalAsked = 0;
  #withoutDebugging = false;
  #searchUntil = 0;

  constructor(session: SessionFacts, processes: Processes, host: number, uid: number) {
    this.#session = session;
    this.#processes = processes;
    this.#host = host;
    this.#uid = uid;
    const pid = pidInName(session);
    if (pid !== undefined) this.#name(pid, !session.attaches);
  }

  /** The processes known so far. */
  get targets(): Target[] {
    // What a shell runs already is none of the session's, unless it was found to be new.
    return [...this.#found].map((pid) => ({ pid, children: true, descendants: pid !== this.#terminal?.pid }));
  }

  /** More may be found by `search`: the launch goes on, or what it started in a terminal may be late. */
  get searching(): boolean {
    return this.#searchUntil > 0 && this.#rank > rank.named && this.#processes.now() < this.#searchUntil;
  }

  /** Takes one message, from or to the adapter. Answers whether `targets` changed. */
  take(message: unknown): boolean {
    const clue = clueOf(message);
    return clue !== undefined && this.#changes(() => this.#follow(clue));
  }

  /** Looks again. Answers whether `targets` changed. */
  search(): boolean {
    return this.#changes(() => {
      if (this.#terminal) this.#searchTerminal(this.#terminal);
      if (this.#withoutDebugging) this.#searchStarted();
    });
  }

  #follow(clue: Clue): void {
    switch (clue.kind) {
      case "named":
        return this.#name(clue.pid, clue.launched);
      case "attach":
        return this.#name(clue.pid, false);
      case "terminal-asked":
        this.#terminalAsked = this.#processes.now();
        return;
      case "terminal":
        this.#terminal = { pid: clue.pid, since: this.#terminalAsked };
        this.#searchUntil = this.#processes.now() + searchTicks;
        return this.#searchTerminal(this.#terminal);
      case "launching":
        if (clue.debug) return;
        this.#withoutDebugging = true;
        this.#searchUntil = this.#processes.now() + searchTicks;
        return this.#searchStarted();
      case "launched":
        if (!this.#withoutDebugging) return this.#searchTraced();
        this.#searchStarted();
        // What the extension host starts from now on is none of this launch's.
        this.#withoutDebugging = false;
        if (!this.#terminal) this.#searchUntil = 0;
    }
  }

  /** A process that the session launched can't be older than it: an older one has got the pid in another namespace. */
  #name(pid: number, launched: boolean): void {
    const entry = this.#processes.entry(pid);
    if (!entry || (launched && entry.started < this.#session.since)) return;
    this.#add([pid], rank.named);
  }

  /** The shell too, as it may be about to start the debuggee; of what it runs already only what is new. */
  #searchTerminal({ pid, since }: { pid: number; since: number }): void {
    this.#add([pid, ...this.#children(pid, since)], rank.terminal);
  }

  #searchTraced(): void {
    if (this.#rank <= rank.traced) return;
    const tracers = this.#descendants(this.#host);
    const since = this.#session.attaches ? 0 : this.#session.since;
    const traced = this.#processes
      .all()
      .filter(({ pid, started }) => started >= since && tracers.has(this.#processes.tracer(pid)));
    this.#add(
      traced.map(({ pid }) => pid),
      rank.traced,
    );
  }

  #searchStarted(): void {
    this.#add(this.#children(this.#host, this.#session.since), rank.started);
  }

  #add(pids: number[], found: number): void {
    const own = pids.filter((pid) => this.#processes.uid(pid) === this.#uid);
    if (own.length === 0 || found > this.#rank) return;
    if (found < this.#rank) this.#found.clear();
    this.#rank = found;
    for (const pid of own) this.#found.add(pid);
  }

  /** Only the first generation: targets bring their descendants with them. */
  #children(root: number, since: number): number[] {
    const children = this.#processes
      .all()
      .filter(({ parent, started }) => parent === root && started >= since);
    return children.map(({ pid }) => pid);
  }

  #descendants(root: number): Set<number> {
    const all = this.#processes.all();
    const below = new Set<number>();
    // A child may come before its parent in the list, as pids are used again: repeat until nothing is added.
    for (let size = -1; size !== below.size;) {
      size = below.size;
      for (const { pid, parent } of all) if (parent === root || below.has(parent)) below.add(pid);
    }
    return below;
  }

  #changes(action: () => void): boolean {
    const before = [...this.#found].join();
    action();
    return [...this.#found].join() !== before;
  }
}
