/** Turns what a program reads and writes into the events that the kernel side would report. */
import type { Exchange, MissingReason, Side, Source } from "../../../protocol/exchange.ts";
import type { Direction, Segment, TrafficEvent } from "../../../helper/stream/segment.ts";
import { Traffic, type TrafficOptions } from "../../../helper/http/traffic.ts";

export const defaults: TrafficOptions = {
  maxBody: 1 << 20,
  maxTotal: 256 << 20,
  maxExchanges: 10_000,
  digests: false,
  wallClockOffset: 0,
  processName: (pid) => `process-${pid}`,
  untraced: () => {},
  ports: [],
};

export interface CallOptions {
  source?: Source;
  /** Where the call's bytes are cut into records; by default there is one. */
  cuts?: number[];
  /** Why bytes that no piece carries are missing. */
  reason?: MissingReason;
  /** Reported as moved, but carried by no piece: `[start, end)` within the call. */
  holes?: [number, number][];
}

export function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "latin1") : data;
}

/** One connection's events, in the order of the calls made on it. */
export class Script {
  readonly connection: number;
  readonly events: TrafficEvent[] = [];
  time = 1000;
  /** Next sequence numbers. */
  readonly seq: Record<Direction, number>;

  constructor(connection = 1, seq: Record<Direction, number> = { in: 1000, out: 5000 }) {
    this.connection = connection;
    this.seq = seq;
    this.events.push({
      kind: "opened",
      connection,
      time: this.time,
      pid: 42,
      local: "127.0.0.1:8080",
      remote: "127.0.0.1:50000",
      netns: 1,
    });
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
      if (i === pieces.length - 1)
        segment.call = { seq: start >>> 0, length: bytes.length, reason: options.reason ?? "no-source" };
      this.events.push(segment);
    });
    this.seq[direction] = (start + bytes.length) >>> 0;
    return this;
  }

  segment(direction: Direction, seq: number, bytes: Uint8Array, source: Source): Segment {
    return {
      kind: "segment",
      connection: this.connection,
      direction,
      time: this.time,
      pid: 42,
      fd: 7,
      source,
      seq: seq >>> 0,
      bytes,
      afterLoss: false,
      head: false,
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

  close(): this {
    this.events.push({
      kind: "closed",
      connection: this.connection,
      time: ++this.time,
      numbers: { ...this.seq },
    });
    return this;
  }
}

/** The events without some segments, as the kernel side reports a loss: the next of the direction says so. */
export function drop(events: readonly TrafficEvent[], lost: (index: number) => boolean): TrafficEvent[] {
  const kept: TrafficEvent[] = [];
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

/** Runs events through Traffic, in batches. Each batch's bytes are overwritten after its end, as the ring's are. */
export function run(events: readonly TrafficEvent[], options: Partial<TrafficOptions> = {}): Seen {
  const traffic = new Traffic({ ...defaults, ...options });
  for (let at = 0; at < events.length; at += batchLength) {
    const batch = events
      .slice(at, at + batchLength)
      .map((event) => (event.kind === "segment" ? { ...event, bytes: new Uint8Array(event.bytes) } : event));
    for (const event of batch) traffic.push(event);
    traffic.endBatch();
    for (const event of batch) if (event.kind === "segment") event.bytes.fill(0xee);
  }
  const exchanges = traffic.takeChanges().changed.map((id) => traffic.exchange(id)!);
  return {
    traffic,
    exchanges,
    body: (index, side) => Buffer.from(traffic.body(exchanges[index]!.id, side, 0, 1e9)).toString("latin1"),
  };
}
