/**
 * Finds the processes of one debug session. Better knowledge replaces worse:
 *
 * 1. the adapter's `process` event, js-debug's session name, or the process id that is attached to;
 * 2. what was started below the terminal that the adapter asked for;
 * 3. what a native debugger below the extension host traces;
 * 4. without debugging, nothing of that exists: children of the extension host that are younger than the launch. Those
 *    from before its request may be the adapter, watched so early that the kernel follows its child from the first
 *    instruction on; later ones are the debuggee itself, where the adapter lives in the extension host, as js-debug does.
 *    Of the latter only what runs the program is taken, and of the former only what has started something stays:
 *    the extension host starts git and language servers too.
 */
import { basename } from "node:path";
import type { ProcessEntry, Processes } from "../../client/proc.ts";
import { ticksPerSecond } from "../../client/proc.ts";
import type { Target } from "../../protocol/capture.ts";
import { clueOf, pidInName, type Clue } from "./clues.ts";

export interface SessionFacts {
  type: string;
  name: string;
  isChild: boolean;
  /** Whether the session, or the one it is a child of, attaches rather than launches. */
  attaches: boolean;
  /** Its process is on another machine, or in a container: a pid means nothing here. */
  elsewhere: boolean;
  /** When the launch began, on the clock of `ProcessEntry.started`. */
  since: number;
}

/** A search that nothing ends goes on for this long, in clock ticks. */
const searchTicks = 10 * ticksPerSecond;

const rank = { named: 1, terminal: 2, traced: 3, started: 4, none: 5 };

/** A launch without debugging, from its request to the answer. */
interface PlainLaunch {
  /** When the request was seen. */
  asked: number;
  /** Arguments by which a process's command line shows that it runs the program. */
  program: readonly string[];
}

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
  #plainLaunch: PlainLaunch | undefined;
  #searchUntil = 0;

  constructor(session: SessionFacts, processes: Processes, host: number, uid: number) {
    this.#session = session;
    this.#processes = processes;
    this.#host = host;
    this.#uid = uid;
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

  /** Takes what the session's name tells. Answers, as the others do, whether `targets` changed. */
  begin(): Promise<boolean> {
    const pid = pidInName(this.#session);
    return this.#changes(() => this.#name(pid, !this.#session.attaches));
  }

  /** Takes one message, from or to the adapter, that was seen at `time`. */
  async take(message: unknown, time: number): Promise<boolean> {
    const clue = clueOf(message);
    return clue !== undefined && this.#changes(() => this.#follow(clue, time));
  }

  /** Looks again. */
  search(): Promise<boolean> {
    return this.#changes(async () => {
      if (this.#terminal) await this.#searchTerminal(this.#terminal);
      if (this.#plainLaunch) await this.#searchStarted(this.#plainLaunch);
    });
  }

  async #follow(clue: Clue, time: number): Promise<void> {
    switch (clue.kind) {
      case "named":
        return this.#name(clue.pid, clue.launched);
      case "attach":
        return this.#name(clue.pid, false);
      case "terminal-asked":
        this.#terminalAsked = time;
        return;
      case "terminal":
        this.#terminal = { pid: clue.pid, since: this.#terminalAsked };
        this.#searchUntil = time + searchTicks;
        return this.#searchTerminal(this.#terminal);
      case "launching":
        if (clue.debug) return;
        this.#plainLaunch = { asked: time, program: clue.program };
        this.#searchUntil = time + searchTicks;
        return this.#searchStarted(this.#plainLaunch);
      case "launched":
        if (!this.#plainLaunch) return this.#searchTraced();
        await this.#searchStarted(this.#plainLaunch);
        await this.#dropBystanders(this.#plainLaunch);
        // What the extension host starts from now on is none of this launch's.
        this.#plainLaunch = undefined;
        if (!this.#terminal) this.#searchUntil = 0;
    }
  }

  /** A process that the session launched can't be older than it: an older one has got the pid in another namespace. */
  async #name(pid: number | undefined, launched: boolean): Promise<void> {
    if (pid === undefined || this.#session.elsewhere) return;
    const entry = await this.#processes.entry(pid);
    if (!entry || (launched && entry.started < this.#session.since)) return;
    await this.#add([pid], rank.named);
  }

  /** The shell too, as it may be about to start the debuggee; of what it runs already only what is new. */
  async #searchTerminal({ pid, since }: { pid: number; since: number }): Promise<void> {
    const children = await this.#children(pid, since);
    await this.#add([pid, ...children.map((child) => child.pid)], rank.terminal);
  }

  async #searchTraced(): Promise<void> {
    if (this.#rank <= rank.traced || this.#session.elsewhere) return;
    const all = await this.#processes.all();
    const tracers = descendants(this.#host, all);
    const since = this.#session.attaches ? 0 : this.#session.since;
    const young = all.filter(({ started }) => started >= since);
    const traced = await Promise.all(
      young.map(async ({ pid }) => (tracers.has(await this.#processes.tracer(pid)) ? pid : undefined)),
    );
    await this.#add(
      traced.filter((pid) => pid !== undefined),
      rank.traced,
    );
  }

  async #searchStarted({ asked, program }: PlainLaunch): Promise<void> {
    const pids: number[] = [];
    for (const { pid, started } of await this.#children(this.#host, this.#session.since))
      if (started < asked || (await this.#runs(pid, program))) pids.push(pid);
    await this.#add(pids, rank.started);
  }

  async #dropBystanders({ asked, program }: PlainLaunch): Promise<void> {
    if (this.#rank !== rank.started) return;
    for (const pid of [...this.#found]) {
      const busy = (await this.#children(pid, asked)).length > 0;
      if (!busy && !(await this.#runs(pid, program))) this.#found.delete(pid);
    }
  }

  async #runs(pid: number, program: readonly string[]): Promise<boolean> {
    const names = (await this.#processes.commandLine(pid)).map((argument) => basename(argument));
    return program.length > 0 && program.every((argument) => names.includes(basename(argument)));
  }

  async #add(pids: number[], found: number): Promise<void> {
    const uids = await Promise.all(pids.map((pid) => this.#processes.uid(pid)));
    const own = pids.filter((_, i) => uids[i] === this.#uid);
    if (own.length === 0 || found > this.#rank) return;
    if (found < this.#rank) this.#found.clear();
    this.#rank = found;
    for (const pid of own) this.#found.add(pid);
  }

  /** Only the first generation: targets bring their descendants with them. */
  async #children(root: number, since: number): Promise<ProcessEntry[]> {
    const all = await this.#processes.all();
    return all.filter(({ parent, started }) => parent === root && started >= since);
  }

  async #changes(action: () => Promise<void>): Promise<boolean> {
    const before = [...this.#found].join();
    await action();
    return [...this.#found].join() !== before;
  }
}

function descendants(root: number, all: readonly ProcessEntry[]): Set<number> {
  const below = new Set<number>();
  // A child may come before its parent in the list, as pids are used again: repeat until nothing is added.
  for (let size = -1; size !== below.size;) {
    size = below.size;
    for (const { pid, parent } of all) if (parent === root || below.has(parent)) below.add(pid);
  }
  return below;
}
