/**
 * A source is trusted only after it has captured known bytes without a flaw: the helper sends a file to itself through
 * loopback, and compares what each source saw with what arrived. This is the guard against a wrong translation from
 * pages to addresses, which would show foreign kernel memory.
 */
import type { Slabs } from "../memory/slabs.ts";
import { shed, type Direction, type Segment, type TrafficEvent } from "../stream/segment.ts";
import type { Exercise } from "./addon.ts";

/** Why a source can't be trusted; undefined: it can. */
export interface Verdict {
  syscalls: string | undefined;
  sendfile: string | undefined;
}

/** An event that may be kept, with the bytes of a segment. */
export type CopiedEvent = Exclude<TrafficEvent, Segment> | CopiedSegment;
export type CopiedSegment = Omit<Segment, "at" | "length"> & { bytes: Uint8Array };

export function copied(event: TrafficEvent, slabs: Slabs): CopiedEvent {
  if (event.kind !== "segment") return event;
  const { call, at, length, ...rest } = event;
  const bytes = at === shed ? new Uint8Array(0) : new Uint8Array(slabs.view(at, length));
  return { ...rest, call: call && { ...call }, bytes };
}

/** `events` are those of the exercise. */
export function judge(exercise: Exercise, events: readonly CopiedEvent[]): Verdict {
  const port = `:${exercise.serverPort}`;
  const opened = events.filter((event) => event.kind === "opened");
  const server = opened.find((event) => event.local.endsWith(port))?.connection;
  const client = opened.find((event) => event.remote.endsWith(port))?.connection;
  if (server === undefined || client === undefined)
    return {
      syscalls:
        "the helper's own traffic was not seen; in a container or WSL the kernel knows its processes by other numbers",
      sendfile: "not tested",
    };
  const differs = (connection: number, direction: Direction, expected: Uint8Array) =>
    compare(assemble(events, connection, direction), expected);
  return {
    syscalls:
      differs(client, "out", exercise.written) ??
      differs(server, "in", exercise.written) ??
      differs(client, "in", exercise.served),
    sendfile: differs(server, "out", exercise.served),
  };
}

function assemble(events: readonly CopiedEvent[], connection: number, direction: Direction): Uint8Array {
  const segments = events.filter(
    (event): event is CopiedSegment =>
      event.kind === "segment" && event.connection === connection && event.direction === direction,
  );
  const first = segments.find((segment) => segment.call !== undefined)?.call?.seq ?? 0;
  const end = Math.max(0, ...segments.map(({ call }) => (call ? ((call.seq - first) | 0) + call.length : 0)));
  const bytes = new Uint8Array(end);
  for (const segment of segments) {
    const at = (segment.seq - first) | 0;
    if (at >= 0 && at < end) bytes.set(segment.bytes.subarray(0, end - at), at);
  }
  return bytes;
}

function compare(captured: Uint8Array, expected: Uint8Array): string | undefined {
  if (captured.length !== expected.length)
    return `the self-test captured ${captured.length} of ${expected.length} bytes`;
  const wrong = expected.findIndex((byte, i) => captured[i] !== byte);
  return wrong < 0 ? undefined : `the self-test captured a wrong byte at ${wrong} of ${expected.length}`;
}
