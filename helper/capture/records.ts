/** Reads the records of bpf/records.h, as Ring.drain hands them over. */
import type { MissingReason, Source } from "../../protocol/exchange.ts";
import type { Direction, TrafficEvent } from "../stream/segment.ts";

export interface ProcessEvent {
  kind: "process";
  event: "fork" | "exec" | "exit";
  pid: number;
  /** Of a fork. */
  parent: number;
  name: string;
}

const kind = { opened: 1, segment: 2, ended: 3, closed: 4, process: 5 };
const flag = { last: 1, afterLoss: 2, head: 4 };
const segmentSize = 56;
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
  "body-limit",
];

const processEvents = ["fork", "fork", "exec", "exit"] as const;

/**
 * Calls `sink` for each of the records in `batch[0..length)`. The bytes of a segment are a view into `batch`.
 */
export function decode(
  batch: Uint8Array,
  length: number,
  sink: (event: TrafficEvent | ProcessEvent) => void,
): void {
  const view = new DataView(batch.buffer, batch.byteOffset, length);
  for (let at = 0; at < length;) {
    const size = view.getUint32(at, true);
    sink(decodeRecord(batch, view, at + 8));
    at += 8 + ((size + 7) & ~7);
  }
}

function decodeRecord(batch: Uint8Array, view: DataView, at: number): TrafficEvent | ProcessEvent {
  const time = readUint64(view, at + 8) / 1e6;
  const connection = readUint64(view, at + 16);
  const direction = view.getUint8(at + 1) === 1 ? "out" : "in";
  const pid = view.getUint32(at + 4, true);
  switch (view.getUint8(at)) {
    case kind.segment: {
      const flags = view.getUint8(at + 3);
      const payload = view.getUint32(at + 36, true);
      const start = at + segmentSize;
      return {
        kind: "segment",
        connection,
        direction,
        time,
        pid,
        fd: view.getInt32(at + 28, true),
        source: sources[view.getUint8(at + 2)] ?? "read",
        seq: view.getUint32(at + 32, true),
        bytes: batch.subarray(start, start + payload),
        ...((flags & flag.last) !== 0 && {
          call: {
            seq: view.getUint32(at + 40, true),
            length: view.getUint32(at + 44, true),
            reason: reasons[view.getUint32(at + 48, true)] ?? "ring-full",
          },
        }),
        afterLoss: (flags & flag.afterLoss) !== 0,
        head: (flags & flag.head) !== 0,
      };
    }
    case kind.opened: {
      const addressFamily = view.getUint16(at + 24, true);
      return {
        kind: "opened",
        connection,
        time,
        pid,
        local: readAddress(batch, at + 32, addressFamily, view.getUint16(at + 26, true)),
        remote: readAddress(batch, at + 48, addressFamily, view.getUint16(at + 28, true)),
        netns: view.getUint32(at + 64, true),
      };
    }
    case kind.ended:
      return { kind: "ended", connection, direction, time, numbers: readNumbers(view, at + 24) };
    case kind.closed:
      return { kind: "closed", connection, time, numbers: readNumbers(view, at + 24) };
    case kind.process:
      return {
        kind: "process",
        event: processEvents[view.getUint8(at + 2)] ?? "exit",
        pid,
        parent: view.getUint32(at + 24, true),
        name: readName(batch, at + 32),
      };
    default:
      throw new Error(`a record of unknown kind ${view.getUint8(at)} (the addon refuses those)`);
  }
}

/** Kernel times and connection numbers stay below 2^53. */
function readUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

function readNumbers(view: DataView, at: number): Record<Direction, number> {
  return { in: view.getUint32(at, true), out: view.getUint32(at + 4, true) };
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
