/** Which processes are watched: the mapped bytes, and what is known of the processes behind them. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Target, TargetResult } from "../../protocol/capture.ts";
import type { Targets as TargetBytes } from "./addon.ts";
import type { ProcessEvent } from "./records.ts";

/** enum target_flags of bpf/records.h; of a source: it is to keep off. */
const flag = { watched: 1, children: 2, sendpath: 4, pagecache: 8, watch: 16 };
const watchMask = 0xf0;
/** Watches are counted as far as the byte goes. */
const watches = 16;

export class Targets {
  /** Watched processes, and the one each was followed from; one that was named itself has none. */
  readonly #parents = new Map<number, number | undefined>();
  readonly #names = new Map<number, string>();
  /** The next watch's. */
  #watch = 0;
  /** These sources are to leave sendfile's pages alone: off, not chosen, or the other is under test. */
  avoid: readonly ("sendpath" | "pagecache")[] = [];
  readonly #bytes: TargetBytes;
  /** Only this user's processes; undefined: everybody's. */
  readonly #owner: number | undefined;

  constructor(bytes: TargetBytes, owner: number | undefined) {
    this.#bytes = bytes;
    this.#owner = owner;
  }

  get pids(): number[] {
    return [...this.#parents.keys()];
  }

  watch(target: Target): TargetResult {
    const error = this.#refusal(target.pid);
    if (error !== undefined) return { pid: target.pid, error };
    this.#watch = (this.#watch + 1) % watches;
    this.#add(target.pid, undefined, target.children);
    if (target.descendants)
      for (const [pid, parent] of descendants(target.pid))
        if (this.#refusal(pid) === undefined) this.#add(pid, parent, target.children);
    return { pid: target.pid };
  }

  unwatch(pid: number): void {
    this.#remove(pid);
    for (const [child, parent] of [...this.#parents]) if (parent === pid) this.unwatch(child);
  }

  /** The kernel side has already followed the fork, or cleared the byte at the exit: this keeps the books. */
  follow(event: ProcessEvent): void {
    if (event.event === "exit") {
      this.#parents.delete(event.pid);
      return; // its name stays: its last exchanges still ask for it
    }
    // A fork carries the name of the thread that forked, which need not be its process's.
    this.#names.set(event.pid, (event.event === "fork" && this.#names.get(event.parent)) || event.name);
    if (event.event !== "fork" || this.#parents.has(event.pid)) return;
    if (this.#parents.has(event.parent)) this.#parents.set(event.pid, event.parent);
    // Its parent was taken out while the fork was on its way.
    else this.#bytes.set(event.pid, 0);
  }

  /**
   * Looks for processes that the kernel side watches and the books don't know, as the record of their fork was lost. To be
   * called when all that the kernel said is known.
   */
  sweep(): void {
    for (const pid of this.#bytes.pids()) {
      if (this.#parents.has(pid)) continue;
      const parent = readParent(pid);
      if (parent !== undefined && this.#parents.has(parent)) {
        this.#parents.set(pid, parent);
        this.#names.set(pid, readName(pid));
      } else this.#bytes.set(pid, 0);
    }
  }

  name(pid: number): string {
    return this.#names.get(pid) ?? "";
  }

  #add(pid: number, parent: number | undefined, withChildren: boolean): void {
    this.#parents.set(pid, parent);
    this.#names.set(pid, readName(pid));
    const avoided = this.avoid.reduce((flags, source) => flags | flag[source], 0);
    const flags = flag.watched | (withChildren ? flag.children : 0) | avoided;
    const before = this.#bytes.get(pid);
    // What is watched already goes on: nothing of it was missed.
    const watch = before === 0 ? flag.watch * this.#watch : before & watchMask;
    this.#bytes.set(pid, flags + watch);
  }

  #remove(pid: number): void {
    if (this.#parents.delete(pid)) this.#bytes.set(pid, 0);
  }

  /** Why this process can't be watched. */
  #refusal(pid: number): string | undefined {
    if (!Number.isSafeInteger(pid) || pid <= 0) return `${pid} is not a process id`;
    const uid = readUid(pid);
    if (uid === undefined) return `there is no process ${pid}`;
    if (this.#owner !== undefined && uid !== this.#owner)
      return `process ${pid} belongs to another user (uid ${uid}), whose traffic may not be captured`;
    if (this.#owner !== undefined && !mayTrace(pid))
      return `process ${pid} has privileges or a group that its user hasn't, or forbids tracing: its traffic may not be captured`;
    return undefined;
  }
}

function readUid(pid: number): number | undefined {
  const uid = /^Uid:\s+(\d+)/m.exec(readProc(pid, "status"))?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Asks the kernel, which has the same rule for this as for ptrace(2); the kernel side has it too. */
function mayTrace(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EACCES";
  }
}

function readParent(pid: number): number | undefined {
  const parent = /^PPid:\s+(\d+)/m.exec(readProc(pid, "status"))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** What it was started as: `comm` is the main thread's name, which Node and others change. */
function readName(pid: number): string {
  const [command = ""] = readProc(pid, "cmdline").split("\0");
  return basename(command) || readProc(pid, "comm").trimEnd();
}

/** Empty where the process is gone. */
function readProc(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** The processes below `root`, parents first: pid to parent. */
function descendants(root: number): Map<number, number> {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = readParent(Number(pid)) ?? 0;
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const found = new Map<number, number>();
  const visit = (parent: number) => {
    for (const pid of children.get(parent) ?? []) {
      found.set(pid, parent);
      visit(pid);
    }
  };
  visit(root);
  return found;
}
