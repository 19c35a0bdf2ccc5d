/** Reads the records of bpf/records.h, as the drain puts them into the slabs (native/slabs.h). */
import type { MissingReason, Role, Source } from "../../protocol/exchange.ts";
import {
  shed,
  type Call,
  type ConnectionOpened,
  type Direction,
  type Numbers,
  type Segment,
  type TrafficEvent,
} from "../stream/segment.ts";

export interface ProcessEvent {
  kind: "process";
  event: "fork" | "exec" | "exit";
  pid: number;
  /** Of a fork. */
  parent: number;
  name: string;
}

const kind = { opened: 1, segment: 2, ended: 3, closed: 4, process: 5 };
const flag = { last: 1, afterLoss: 2, shed: 8, other: 16 };
const segmentSize = 56;
/** The length of a record stands before it. */
const prefixSize = 8;
const family = { unix: 1, ipv6: 10 };

/** By enum operation. */
const sources: readonly Source[] = [
  "read", // OP_NONE, never seen in a segment
  "read",
  "readv",
  "recvfrom",
  "recvmsg",
  "recvmmsg",
  "write",
  "writev",
  "sendto",
  "sendmsg",
  "sendmmsg",
  "sendfile",
  "splice",
];

/** By enum missing; 0 is for a call whose payload is whole, and says what a hole nobody admits to would be. */
const reasons: readonly MissingReason[] = [
  "ring-full",
  "no-source",
  "ring-full",
  "shed",
  "unreadable",
  "call-limit",
  "spliced",
  "discarded",
  "concurrent",
  "body-limit", // MISSING_MUTED: only what is beyond it is muted, or what isn't HTTP
];

/** By enum closed_flags. */
const resets: readonly (boolean | undefined)[] = [undefined, false, true];

/** By enum opener. */
const roles: readonly (Role | undefined)[] = [undefined, "client", "server"];

const processEvents = ["fork", "fork", "exec", "exit"] as const;

/** Reads records where they lie in the slabs. */
export class Records {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Used for every segment, as nobody keeps it: most records are segments. */
  readonly #call: Call = { seq: 0, length: 0, reason: "ring-full" };
  readonly #segment: Segment = {
    kind: "segment",
    connection: 0,
    direction: "in",
    time: 0,
    began: 0,
    pid: 0,
    fd: 0,
    source: "read",
    seq: 0,
    length: 0,
    at: 0,
    other: undefined,
    call: undefined,
    afterLoss: false,
  };

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Of the record at `at`: how far it is from there to the next; 0: that is in the next slab. */
  step(at: number): number {
    const length = this.#view.getUint32(at, true);
    return length === 0 ? 0 : prefixSize + ((length + 7) & ~7);
  }

  /** The record at `at`. A segment is overwritten by the next one. */
  read(at: number): TrafficEvent | ProcessEvent {
    const view = this.#view;
    const start = at + prefixSize;
    switch (view.getUint8(start)) {
      case kind.segment:
        return this.#readSegment(start);
      case kind.opened:
        return this.#readOpened(start);
      case kind.ended:
        return { kind: "ended", direction: this.#direction(start), ...this.#readEnding(start) };
      case kind.closed:
        return {
          kind: "closed",
          ...this.#readEnding(start),
          reset: resets[view.getUint8(start + 3)],
        };
      case kind.process:
        return {
          kind: "process",
          event: processEvents[view.getUint8(start + 2)] ?? "exit",
          pid: view.getUint32(start + 4, true),
          parent: view.getUint32(start + 24, true),
          name: readName(this.#bytes, start + 32),
        };
      default:
        throw new Error(`a record of unknown kind ${view.getUint8(start)} (the addon refuses those)`);
    }
  }

  #readSegment(at: number): Segment {
    const view = this.#view;
    const segment = this.#segment;
    const flags = view.getUint8(at + 3);
    segment.direction = this.#direction(at);
    segment.source = sources[view.getUint8(at + 2)] ?? "read";
    segment.pid = view.getUint32(at + 4, true);
    segment.time = this.#time(at);
    segment.began = segment.time - view.getUint32(at + 24, true) / 1000;
    segment.connection = this.#connection(at);
    segment.fd = view.getInt32(at + 28, true);
    segment.seq = view.getUint32(at + 32, true);
    segment.length = view.getUint32(at + 36, true);
    segment.at = (flags & flag.shed) === 0 ? at + segmentSize : shed;
    segment.other = (flags & flag.other) === 0 ? undefined : view.getUint32(at + 52, true);
    segment.afterLoss = (flags & flag.afterLoss) !== 0;
    segment.call = undefined;
    if ((flags & flag.last) !== 0) {
      const call = this.#call;
      call.seq = view.getUint32(at + 40, true);
      call.length = view.getUint32(at + 44, true);
      call.reason = reasons[view.getUint32(at + 48, true)] ?? "ring-full";
      segment.call = call;
    }
    return segment;
  }

  #readOpened(at: number): ConnectionOpened {
    const view = this.#view;
    const addressFamily = view.getUint16(at + 24, true);
    const isNumberedByTcp = view.getUint32(at + 68, true) !== 0;
    return {
      kind: "opened",
      connection: this.#connection(at),
      time: this.#time(at),
      pid: view.getUint32(at + 4, true),
      local: readAddress(this.#bytes, at + 32, addressFamily, view.getUint16(at + 26, true)),
      remote: readAddress(this.#bytes, at + 48, addressFamily, view.getUint16(at + 28, true)),
      netns: view.getUint32(at + 64, true),
      role: roles[view.getUint16(at + 30, true)],
      isNumberedByTcp,
      first: isNumberedByTcp
        ? { in: view.getUint32(at + 72, true), out: view.getUint32(at + 76, true) }
        : undefined,
    };
  }

  #readEnding(at: number): { connection: number; time: number; numbers: Numbers } {
    return {
      connection: this.#connection(at),
      time: this.#time(at),
      numbers: { in: this.#view.getUint32(at + 24, true), out: this.#view.getUint32(at + 28, true) },
    };
  }

  #direction(at: number): Direction {
    return this.#view.getUint8(at + 1) === 1 ? "out" : "in";
  }

  /** In milliseconds. */
  #time(at: number): number {
    return readUint64(this.#view, at + 8) / 1e6;
  }

  #connection(at: number): number {
    return readUint64(this.#view, at + 16);
  }
}

/** Kernel times and connection numbers stay below 2^53. */
function readUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

function readName(batch: Uint8Array, at: number): string {
  const name = Buffer.from(batch.buffer, batch.byteOffset + at, 16);
  const end = name.indexOf(0);
  return name.toString("utf8", 0, end < 0 ? 16 : end);
}

/** `address:port`, IPv6 in brackets with its longest run of zeros shortened; `unix` for a socket without ports. */
function readAddress(batch: Uint8Array, at: number, of: number, port: number): string {
  if (of === family.unix) return "unix";
  const bytes = batch.subarray(at, at + 16);
  if (of !== family.ipv6) return `${bytes.subarray(0, 4).join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `${bytes.subarray(12).join(".")}:${port}`;
  // The URL parser writes IPv6 in its canonical form.
  return `${new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname}:${port}`;
}
