/** Hands a recording to the pure part, as a capture would. */
import type { Numbers, Segment } from "../../../helper/stream/segment.ts";
import { Slabs, slabBytes } from "../../../helper/memory/slabs.ts";
import { Traffic } from "../../../helper/traffic/traffic.ts";
import { defaultMemory } from "../../../protocol/rpc.ts";
import type { Recording } from "./recorder.ts";

/** Records read at a turn, and those after which the client hears of what is new. */
const batch = 4096;
const tick = 4096;
const rows = 300;

/** Gives what plays it once more, on new connections, and the exchanges finished by then. */
export function player({ memory, moves, connections }: Recording): () => number {
  // The recording stays where it is; as much memory again is free, so that nothing has to be given up.
  if (memory.length > (defaultMemory * slabBytes) / 2) throw new Error("the recording is too large");
  const slabs = new Slabs(new Uint8Array(new SharedArrayBuffer(defaultMemory * slabBytes)), () => {});
  slabs.bytes.set(memory);
  for (let at = 0; at < memory.length; at += slabBytes) slabs.hold(at);
  const traffic = new Traffic({
    ...{ slabs, bodies: "kept", maxBody: slabs.bytes.length / 4, maxExchanges: 10_000, handsOver: false },
    createHasher: () => {
      throw new Error("nothing is hashed");
    },
    ...{ wallClockOffset: () => 0, processName: () => "server", untraced() {}, mute() {}, ports: [] },
  });
  // One object for all, as capture/records.ts has it.
  const segment: Segment = {
    ...{ kind: "segment", connection: 0, direction: "in", time: 0, began: 0, pid: 1, fd: 5, source: "read" },
    ...{ seq: 0, length: 0, at: 0, other: undefined, call: undefined, afterLoss: false },
  };
  let turn = 0;
  return () => {
    const before = traffic.exchanges;
    const first = ++turn * connections;
    const numbers: Numbers[] = [];
    let pushed = 0;
    for (const move of moves) {
      const connection = first + move.connection;
      const its = (numbers[move.connection] ??= open(traffic, connection, move.time));
      its[move.direction] = move.seq + move.length;
      segment.connection = connection;
      segment.direction = move.direction;
      segment.source = move.direction === "in" ? "read" : "write";
      segment.time = segment.began = move.time;
      segment.seq = move.seq;
      segment.other = move.other;
      segment.at = move.at;
      segment.length = move.length;
      segment.call = move.call;
      traffic.push(segment);
      if (move.isLast)
        traffic.push({ kind: "closed", connection, time: move.time, numbers: its, reset: false });
      if (++pushed % batch === 0) traffic.endBatch();
      if (pushed % tick === 0) traffic.takeChanges(rows);
    }
    traffic.endBatch();
    traffic.takeChanges(rows);
    return traffic.exchanges - before;
  };
}

/** Where its directions stand. */
function open(traffic: Traffic, connection: number, time: number): Numbers {
  const ends = { local: "127.0.0.1:8080", remote: `127.0.0.1:${1024 + (connection % 60_000)}` };
  traffic.push({
    kind: "opened",
    connection,
    time,
    pid: 1,
    netns: 1,
    role: "server",
    isNumberedByTcp: true,
    first: undefined,
    ...ends,
  });
  return { in: 1, out: 1 };
}
