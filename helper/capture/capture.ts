/** The capture as one thing: ring, targets, counters and sources, after the root phase has attached them. */
import { closeSync } from "node:fs";
import type { SendfileMode, SourceName, SourceStatus, Target, TargetResult } from "../../protocol/capture.ts";
import type { TrafficEvent, TrafficSink } from "../stream/segment.ts";
import type { Addon, Counters, Loaded, LoadedSource, Ring } from "./addon.ts";
import { decode, type ProcessEvent } from "./records.ts";
import { judge, type Verdict } from "./self-test.ts";
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

/** Holds the largest record many times over, so that one call from the ring is one batch. */
const batchBytes = 4 * 1024 * 1024;

const nobody: TrafficSink = { push() {}, endBatch() {} };

export class Capture {
  readonly targets: Targets;
  readonly #addon: Addon;
  readonly #ring: Ring;
  readonly #counters: Counters;
  readonly #batch = new Uint8Array(batchBytes);
  readonly #sources: Source[];
  #sink: TrafficSink = nobody;
  #badRecords = 0;
  #detached = false;

  constructor(addon: Addon, inheritance: Inheritance) {
    const { loaded, ringBytes, owner } = inheritance;
    this.#addon = addon;
    this.targets = new Targets(new addon.Targets(loaded.targets), owner);
    this.#counters = new addon.Counters(loaded.counters);
    this.#ring = new addon.Ring(loaded.ring, ringBytes, () => this.#onReady());
    this.#sources = loaded.sources.map((source) => new Source(source));
  }

  /** Switches off each source that doesn't prove itself. Throws where the required one doesn't. */
  selfTest(): void {
    const { syscalls, sendfile } = this.#exercise("pagecache");
    if (syscalls !== undefined) throw new Error(syscalls);
    this.#distrust("sendpath", sendfile);
    this.#distrust("pagecache", this.#exercise("sendpath").sendfile);
  }

  /**
   * Keeps the sources of sendfile's bytes that `mode` asks for. With `auto` both: what goes out by plain TCP is the send
   * path's where that is on, and the rest (kTLS, MPTCP, AF_UNIX) is pagecache's. Must come before the first target.
   */
  chooseSendfile(mode: SendfileMode): void {
    for (const name of ["sendpath", "pagecache"] as const)
      if (mode !== "auto" && mode !== name)
        this.#source(name)?.switchOff(`switched off by choice (sendfile: ${mode})`);
    this.targets.avoid = this.#source("sendpath")?.on ? undefined : "sendpath";
  }

  /** Sends known bytes to ourselves, and judges what was captured of them without that source. */
  #exercise(avoid: "sendpath" | "pagecache"): Verdict {
    this.targets.avoid = avoid;
    const events: TrafficEvent[] = [];
    this.#sink = {
      push: (event) =>
        events.push(event.kind === "segment" ? { ...event, bytes: event.bytes.slice() } : event),
      endBatch() {},
    };
    this.targets.watch({ pid: process.pid, children: false });
    const exercise = this.#addon.exercise();
    this.targets.unwatch(process.pid);
    this.drain();
    this.#sink = nobody;
    return judge(exercise, events);
  }

  #distrust(name: SourceName, reason: string | undefined): void {
    const source = this.#source(name);
    if (reason !== undefined && source?.on) source.switchOff(reason);
  }

  /** From now on `sink` gets every event. */
  start(sink: TrafficSink): void {
    this.#sink = sink;
  }

  /** Takes over everything that lies in the ring. */
  drain(): void {
    for (let more = true; more;) more = this.#drainBatch();
  }

  /** Takes every probe off, for good. */
  detach(): void {
    if (this.#detached) return;
    for (const pid of this.targets.pids) this.targets.unwatch(pid);
    this.drain();
    for (const source of this.#sources) source.switchOff("the capture has ended");
    this.#ring.close();
    this.#detached = true;
  }

  watch(target: Target): TargetResult {
    if (this.#detached) return { pid: target.pid, error: "the capture has ended" };
    return this.targets.watch(target);
  }

  get sources(): SourceStatus[] {
    return this.#sources.map((source) => source.status);
  }

  /** Events that cost bytes, by reason; only those that happened. */
  get lost(): Record<string, number> {
    const counts = this.#counters.read().map((count, i) => [counterNames[i] ?? "unknown", count] as const);
    return Object.fromEntries(
      [...counts, ["bad-record", this.#badRecords] as const].filter(([, count]) => count > 0),
    );
  }

  #source(name: SourceName): Source | undefined {
    return this.#sources.find((source) => source.status.name === name);
  }

  #onReady(): void {
    if (this.#detached) return;
    // One batch a turn, so that requests of the client come through under load.
    if (this.#drainBatch()) setImmediate(() => this.#onReady());
    else this.#ring.resume();
  }

  #drainBatch(): boolean {
    if (this.#detached) return false;
    const { bytes, more, bad } = this.#ring.drain(this.#batch);
    this.#badRecords += bad;
    decode(this.#batch, bytes, (event) => this.#take(event));
    this.#sink.endBatch();
    return more;
  }

  #take(event: TrafficEvent | ProcessEvent): void {
    if (event.kind === "process") this.targets.follow(event);
    else this.#sink.push(event);
  }
}

class Source {
  readonly #links: number[];
  readonly status: SourceStatus;

  constructor(loaded: LoadedSource) {
    this.#links = [...loaded.links];
    this.status = { name: loaded.name as SourceName, on: loaded.probe !== "" };
    if (loaded.probe !== "") this.status.probe = loaded.probe;
    else this.status.reason = loaded.refused.join("; ");
  }

  get on(): boolean {
    return this.status.on;
  }

  switchOff(reason: string): void {
    for (const link of this.#links.splice(0)) closeSync(link);
    if (!this.status.on) return;
    this.status.on = false;
    this.status.reason = reason;
  }
}
