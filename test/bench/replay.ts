/** Hands a recording to the pure part, as a capture would. */
import { Slabs, slabBytes } from "../../helper/memory/slabs.ts";
import { Traffic } from "../../helper/traffic/traffic.ts";
import type { Recording } from "./recording.ts";

/** Records read at a turn, and those after which the client hears of what is new. */
const batch = 256;
const tick = 4096;
const rows = 300;

/** Gives what plays it once more, on new connections, and the exchanges finished by then. */
export function player({ memory, moves, connections }: Recording): () => number {
  // The recording stays where it is; as much memory again is free, so that nothing has to be given up.
  const length = Math.ceil(memory.length / slabBytes) * slabBytes;
  const slabs = new Slabs(new Uint8Array(2 * length), () => {});
  slabs.bytes.set(memory);
  for (let at = 0; at < length; at += slabBytes) slabs.hold(at);
  const traffic = new Traffic({
    ...{ slabs, bodies: "kept", maxBody: 1 << 20, maxExchanges: 10_000, handsOver: false, ports: [] },
    createHasher: () => {
      throw new Error("nothing is hashed");
    },
    ...{ wallClockOffset: () => 0, processName: () => "server", untraced() {}, mute() {} },
  });
  let turn = 0;
  return () => {
    const before = traffic.exchanges;
    const first = ++turn * connections;
    const numbers = Array.from({ length: connections }, () => ({ in: 1, out: 1 }));
    for (let i = 0; i < connections; i++)
      traffic.push({
        ...{ kind: "opened", connection: first + i, time: 0, pid: 1, netns: 0, role: undefined, isNumberedByTcp: true },
        ...{ local: "127.0.0.1:8080", remote: `127.0.0.1:${40_000 + i}` },
      });
    for (const [i, { connection, at, length, call, ...move }] of moves.entries()) {
      const other = numbers[connection]![move.direction === "in" ? "out" : "in"];
      traffic.push({
        ...{ kind: "segment", connection: first + connection, direction: move.direction },
        ...{
          time: move.time,
          began: move.time,
          pid: 1,
          fd: 5,
          source: move.direction === "in" ? "read" : "write",
          seq: move.seq,
        },
        ...{ at, length, other, afterLoss: false, call: call && { ...call, reason: "ring-full" } },
      });
      numbers[connection]![move.direction] = (move.seq + length) >>> 0;
      if (i % batch === 0) traffic.endBatch();
      if (i % tick === 0) traffic.takeChanges(rows);
    }
    traffic.endBatch();
    for (const [i, last] of numbers.entries())
      traffic.push({
        kind: "closed",
        connection: first + i,
        time: moves.length / 50,
        numbers: last,
        reset: false,
      });
    traffic.takeChanges(rows);
    return traffic.exchanges - before;
  };
}
