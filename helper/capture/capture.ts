/** The capture as one thing: ring, targets, counters and sources, after the root phase has attached them. */
import { closeSync } from "node:fs";
import type { SendfileMode, SourceName, SourceStatus, Target, TargetResult } from "../../protocol/capture.ts";
import type { Slabs } from "../memory/slabs.ts";
import type { Direction, TrafficSink } from "../stream/segment.ts";
import {
  mute,
  type Addon,
  type Counters,
  type Loaded,
  type LoadedProgram,
  type LoadedSource,
  type Mutes,
} from "./addon.ts";
import { monotonicNow } from "./clock.ts";
import { Follower, type FollowerSink } from "./follower.ts";
import { copied, judge, type CopiedEvent, type Verdict } from "./self-test.ts";
import { skipped } from "./skipped.ts";
import { Targets } from "./targets.ts";

/** What the root phase hands to the helper proper. */
export interface Inheritance {
  loaded: Loaded;
  ringBytes: number;
  /** When the root phase began: Unix time in milliseconds. */
  startedAt: number;
  /** Whose processes may be captured; undefined: everybody's. */
  owner?: number;
}

/** By enum counter of bpf/records.h. */
const counterNames = [
  "ring-full",
  "shed",
  "unreadable",
  "call-limit",
  "threads-full",
  "connections-full",
  "concurrent",
] as const;

const sendfileSources = ["sendpath", "pagecache"] as const;

/** MiB for what the self-test moves. */
const selfTestMemory = 4;

export class Capture {
  readonly targets: Targets;
  readonly #addon: Addon;
  readonly #inheritance: Inheritance;
  readonly #counters: Counters;
  readonly #mutes: Mutes;
  readonly #sources: Source[];
  #follower: Follower | undefined;
  #sendfile: SendfileMode = "auto";
  #detached = false;

  constructor(addon: Addon, inheritance: Inheritance) {
    const { loaded, owner } = inheritance;
    this.#addon = addon;
    this.#inheritance = inheritance;
    this.targets = new Targets(new addon.Targets(loaded.targets), owner);
    this.#counters = new addon.Counters(loaded.counters);
    this.#mutes = new addon.Mutes(loaded.mutes);
    this.#sources = loaded.sources.map((source) => new Source(source));
  }

  /** Switches off each source that doesn't prove itself. Throws where the required one doesn't. */
  async selfTest(): Promise<void> {
    const { syscalls, sendfile } = await this.#exercise("pagecache");
    if (syscalls !== undefined) throw new Error(syscalls);
    this.#distrust("sendpath", sendfile);
    this.#distrust("pagecache", (await this.#exercise("sendpath")).sendfile);
  }

  /**
   * Keeps the sources of sendfile's bytes that `mode` asks for. With `auto` both: what goes out by plain TCP is the send
   * path's where that is on, and the rest (kTLS, MPTCP, AF_UNIX) is pagecache's. Holds for the targets that come after.
   */
  chooseSendfile(mode: SendfileMode): void {
    this.#sendfile = mode;
    this.targets.avoid = sendfileSources.filter((name) => !this.#source(name)?.on || !this.#isChosen(name));
  }

  #isChosen(name: SourceName): boolean {
    return name === "syscalls" || this.#sendfile === "auto" || this.#sendfile === name;
  }

  /** Sends known bytes to ourselves, and judges what was captured of them without that source. */
  async #exercise(avoid: "sendpath" | "pagecache"): Promise<Verdict> {
    this.targets.avoid = [avoid];
    const events: CopiedEvent[] = [];
    const follower = this.#follow(selfTestMemory, {
      push(event) {
        if (event.kind !== "process") events.push(copied(event, follower.slabs));
      },
      endBatch() {},
    });
    try {
      this.targets.watch({ pid: process.pid, children: false });
      const exercise = this.#addon.exercise();
      this.targets.unwatch(process.pid);
      await follower.passed();
      return judge(exercise, events);
    } finally {
      follower.close();
    }
  }

  #distrust(name: SourceName, reason: string | undefined): void {
    const source = this.#source(name);
    if (reason !== undefined && source?.on) source.switchOff(reason);
  }

  /** From now on `sink` gets every event. `memory`: MiB for what is captured. */
  start(memory: number, sink: (slabs: Slabs) => TrafficSink): void {
    const { targets } = this;
    const follower = this.#follow(memory, {
      push(event) {
        if (event.kind === "process") targets.follow(event);
        else traffic.push(event);
      },
      endBatch: () => traffic.endBatch(),
    });
    const traffic = sink(follower.slabs);
    this.#follower = follower;
  }

  /** The kernel side need not copy what nobody keeps: see Mutes. */
  mute(connection: number, direction: Direction, what: keyof typeof mute, until = 0): void {
    this.#mutes.set(connection, direction === "out" ? 1 : 0, mute[what], until);
  }

  /** What was handed on came so far: kernel milliseconds. */
  get now(): number {
    return this.#follower?.now ?? monotonicNow();
  }

  /** Resolves when everything that happened until now was handed on. */
  async drain(): Promise<void> {
    if (!this.#detached) await this.#follower?.passed();
  }

  /** Takes every probe off, for good. */
  async detach(): Promise<void> {
    if (this.#detached) return;
    for (const pid of this.targets.pids) this.targets.unwatch(pid);
    await this.drain();
    this.#detached = true;
    for (const source of this.#sources) source.switchOff("the capture has ended");
    this.#follower?.close();
  }

  /** Watches them no more, nor the children followed from them. */
  async unwatch(pids: readonly number[]): Promise<void> {
    for (const pid of pids) this.targets.unwatch(pid);
    await this.drain();
    this.targets.sweep();
  }

  watch(target: Target): TargetResult {
    if (this.#detached) return { pid: target.pid, error: "the capture has ended" };
    return this.targets.watch(target);
  }

  get sources(): SourceStatus[] {
    return this.#sources.map(({ status }) =>
      status.on && !this.#isChosen(status.name)
        ? { ...status, on: false, reason: `switched off by choice (sendfile: ${this.#sendfile})` }
        : status,
    );
  }

  /** Events that cost bytes, by reason; only those that happened. */
  get lost(): Record<string, number> {
    const counts = this.#counters.read().map((count, i) => [counterNames[i] ?? "unknown", count] as const);
    const lost: Record<string, number> = Object.fromEntries(counts);
    lost["shed"] = (lost["shed"] ?? 0) + (this.#follower?.shed ?? 0);
    lost["bad-record"] = this.#follower?.bad ?? 0;
    lost["skipped"] = skipped(this.#sources.flatMap(({ programs }) => programs));
    return Object.fromEntries(Object.entries(lost).filter(([, count]) => count > 0));
  }

  #source(name: SourceName): Source | undefined {
    return this.#sources.find((source) => source.status.name === name);
  }

  #follow(memory: number, sink: FollowerSink): Follower {
    const { loaded, ringBytes } = this.#inheritance;
    return new Follower(this.#addon, loaded.ring, ringBytes, memory, sink);
  }
}

class Source {
  readonly #links: number[];
  readonly programs: LoadedProgram[];
  readonly status: SourceStatus;

  constructor(loaded: LoadedSource) {
    this.#links = [...loaded.links];
    this.programs = [...loaded.programs];
    this.status = { name: loaded.name as SourceName, on: loaded.probe !== "" };
    if (loaded.probe !== "") this.status.probe = loaded.probe;
    else this.status.reason = loaded.refused.join("; ");
  }

  get on(): boolean {
    return this.status.on;
  }

  switchOff(reason: string): void {
    for (const link of this.#links.splice(0)) closeSync(link);
    for (const { fd } of this.programs.splice(0)) closeSync(fd);
    if (!this.status.on) return;
    this.status.on = false;
    this.status.reason = reason;
  }
}
