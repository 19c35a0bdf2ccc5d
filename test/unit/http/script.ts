/** Turns what a program reads and writes into the events that the kernel side would report. */
import { createHash } from "node:crypto";
import type { Exchange, MissingReason, Role, Side, Source } from "../../../protocol/exchange.ts";
import type { Hasher } from "../../../helper/exchanges/hasher.ts";
import type { Slabs } from "../../../helper/memory/slabs.ts";
import type { Direction, Segment, TrafficEvent } from "../../../helper/stream/segment.ts";
import { Traffic, type TrafficOptions } from "../../../helper/traffic/traffic.ts";
import { TestMemory } from "../memory.ts";

/** What the kernel side would report, with the bytes of a segment. */
export type ScriptSegment = Omit<Segment, "at" | "length"> & { bytes: Uint8Array };
export type ScriptEvent = Exclude<TrafficEvent, Segment> | ScriptSegment;

export interface Options extends Partial<Omit<TrafficOptions, "slabs" | "createHasher">> {
  /** MiB; or one that is used again, of which nothing is held. */
  memory?: number | TestMemory;
  /** A memory of its own is shared with threads. */
  shared?: boolean;
}

/** Traffic on a memory of its own. */
export class Capture {
  readonly memory: TestMemory;
  readonly traffic: Traffic;

  constructor({ memory = 16, shared = false, ...options }: Options = {}) {
    this.memory = typeof memory === "number" ? new TestMemory(memory, shared) : memory;
    this.traffic = new Traffic({
      slabs: this.memory.slabs,
      bodies: "kept",
      maxBody: 1 << 20,
      maxExchanges: 10_000,
      handsOver: false,
      createHasher: () => hasher(this.memory.slabs),
      wallClockOffset: () => 0,
      processName: (pid) => `process-${pid}`,
      untraced: () => {},
      mute: () => {},
      ports: [],
      ...options,
    });
  }

  push(event: ScriptEvent): void {
    if (event.kind !== "segment") return this.traffic.push(event);
    const { bytes, ...rest } = event;
    this.traffic.push({ ...rest, at: this.memory.append(bytes), length: bytes.length });
  }

  /** What nobody holds is overwritten. */
  endBatch(): void {
    this.traffic.endBatch();
    this.memory.flush();
  }

  /** Bytes of a body, latin1; missing ones are zero. */
  body(id: number, side: Side, start = 0, end = 1e9): string {
    return this.traffic
      .body(id, side, start, end)
      .map((part) => ("bytes" in part ? latin1(part.bytes) : "\0".repeat(part.end - part.start)))
      .join("");
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** At once, at the end. */
function hasher(slabs: Slabs): Hasher {
  const hash = createHash("sha256");
  return {
    update: (at, length) => void hash.update(slabs.view(at, length)),
    finish: (done) => done(hash.digest("hex")),
    abandon: () => {},
  };
}

export interface CallOptions {
  source?: Source;
  /** Where the call's bytes are cut into records; by default there is one. */
  cuts?: number[];
  /** Why bytes that no piece carries are missing. */
  reason?: MissingReason;
  /** Reported as moved, but carried by no piece: `[start, end)` within the call. */
  holes?: [number, number][];
  /** Where the other direction stood, if not where the script has come to. */
  other?: number;
  /** How long it took: milliseconds. */
  took?: number;
}

export function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "latin1") : data;
}

/** One connection's events, in the order of the calls made on it. */
export class Script {
  readonly connection: number;
  readonly events: ScriptEvent[] = [];
  time = 1000;
  /** Next sequence numbers. */
  readonly seq: Record<Direction, number>;

  /** `role`: who connected, where that is known. */
  constructor(connection = 1, seq: Record<Direction, number> = { in: 1000, out: 5000 }, role?: Role) {
    this.connection = connection;
    this.seq = seq;
    this.events.push({
      kind: "opened",
      connection,
      time: this.time,
      pid: 42,
      local: "127.0.0.1:8080",
      remote: `127.0.0.1:${49_999 + connection}`,
      netns: 1,
      role,
      isNumberedByTcp: true,
      first: undefined,
    });
  }

  /** It is captured from its first byte on. */
  fromStart(): this {
    Object.assign(this.events[0]!, { first: { ...this.seq } });
    return this;
  }

  /** The program receives. */
  read(data: string | Uint8Array, options: CallOptions = {}): this {
    return this.call("in", data, { source: "read", ...options });
  }

  /** The program sends. */
  write(data: string | Uint8Array, options: CallOptions = {}): this {
    return this.call("out", data, { source: "write", ...options });
  }

  call(direction: Direction, data: string | Uint8Array, options: CallOptions): this {
    const bytes = bytesOf(data);
    const start = this.seq[direction];
    const bounds = [0, ...(options.cuts ?? []), bytes.length];
    const pieces: [number, number][] = [];
    for (let i = 1; i < bounds.length; i++) {
      let from = bounds[i - 1]!;
      for (const [holeStart, holeEnd] of options.holes ?? []) {
        if (holeStart >= bounds[i]! || holeEnd <= from) continue;
        if (holeStart > from) pieces.push([from, holeStart]);
        from = Math.min(holeEnd, bounds[i]!);
      }
      if (from < bounds[i]!) pieces.push([from, bounds[i]!]);
    }
    if (pieces.length === 0) pieces.push([0, 0]);
    this.time += 1;
    pieces.forEach(([from, to], i) => {
      const segment = this.segment(
        direction,
        start + from,
        bytes.subarray(from, to),
        options.source ?? "write",
      );
      segment.other = options.other ?? segment.other;
      segment.began -= options.took ?? 0;
      if (i === pieces.length - 1)
        segment.call = { seq: start >>> 0, length: bytes.length, reason: options.reason ?? "no-source" };
      this.events.push(segment);
    });
    this.seq[direction] = (start + bytes.length) >>> 0;
    return this;
  }

  segment(direction: Direction, seq: number, bytes: Uint8Array, source: Source): ScriptSegment {
    return {
      kind: "segment",
      connection: this.connection,
      direction,
      time: this.time,
      began: this.time,
      pid: 42,
      fd: 7,
      source,
      seq: seq >>> 0,
      other: this.seq[direction === "in" ? "out" : "in"],
      bytes,
      call: undefined,
      afterLoss: false,
    };
  }

  end(direction: Direction): this {
    this.events.push({
      kind: "ended",
      connection: this.connection,
      direction,
      time: ++this.time,
      numbers: { ...this.seq },
    });
    return this;
  }

  /** An orderly end: both FINs were seen. */
  close(): this {
    return this.end("in").end("out").abort();
  }

  /** `reset`: what the kernel says of it. */
  abort(reset?: boolean): this {
    this.events.push({
      kind: "closed",
      connection: this.connection,
      time: ++this.time,
      numbers: { ...this.seq },
      reset,
    });
    return this;
  }
}

/** The events without some segments, as the kernel side reports a loss: the next of the direction says so. */
export function drop(events: readonly ScriptEvent[], lost: (index: number) => boolean): ScriptEvent[] {
  const kept: ScriptEvent[] = [];
  const afterLoss = { in: false, out: false };
  events.forEach((event, index) => {
    if (event.kind !== "segment") kept.push(event);
    else if (lost(index)) afterLoss[event.direction] = true;
    else {
      kept.push({ ...event, afterLoss: afterLoss[event.direction] });
      afterLoss[event.direction] = false;
    }
  });
  return kept;
}

export interface Seen {
  traffic: Traffic;
  exchanges: Exchange[];
  body(index: number, side: Side): string;
}

/** Events in a batch: a number that no conversation keeps step with. */
const batchLength = 7;

/** Runs events through Traffic, in batches. */
export function run(events: readonly ScriptEvent[], options: Options = {}): Seen {
  const capture = new Capture(options);
  events.forEach((event, i) => {
    capture.push(event);
    if (i % batchLength === batchLength - 1) capture.endBatch();
  });
  capture.endBatch();
  const { traffic } = capture;
  const exchanges = traffic.takeChanges(Infinity).changed.map((id) => traffic.exchange(id)!);
  return { traffic, exchanges, body: (index, side) => capture.body(exchanges[index]!.id, side) };
}
