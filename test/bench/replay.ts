/** Hands a recording to the pure part, as a capture would. */
import { Traffic } from "../../helper/http/traffic.ts";
import type { Recording } from "./recording.ts";

/** Records that lie in the ring at once, and those after which the client hears of what is new. */
const batch = 256;
const tick = 4096;

/** Gives what plays it once more, on new connections, and the exchanges finished by then. */
export function player({ memory, moves, connections }: Recording): () => number {
  const traffic = new Traffic({
    ...{ maxBody: 1 << 20, maxTotal: 256 << 20, maxExchanges: 10_000, digests: false },
    ...{ ports: [], wallClockOffset: 0, processName: () => "server", untraced() {} },
  });
  let turn = 0;
  return () => {
    const before = traffic.exchanges;
    const first = ++turn * connections;
    for (let i = 0; i < connections; i++)
      traffic.push({
        ...{ kind: "opened", connection: first + i, time: 0, pid: 1 },
        ...{ local: "127.0.0.1:8080", remote: `127.0.0.1:${40_000 + i}` },
      });
    for (const [i, { connection, at, length, call, ...move }] of moves.entries()) {
      traffic.push({
        ...{ kind: "segment", connection: first + connection, direction: move.direction, time: move.time },
        ...{ pid: 1, fd: 5, source: move.direction === "in" ? "read" : "write", seq: move.seq },
        ...{ bytes: memory.subarray(at, at + length), afterLoss: false },
        ...(call && { call: { ...call, reason: "ring-full" } }),
      });
      if (i % batch === 0) traffic.endBatch();
      if (i % tick === 0) traffic.takeChanges();
    }
    traffic.endBatch();
    for (let i = 0; i < connections; i++)
      traffic.push({ kind: "closed", connection: first + i, time: moves.length / 50 });
    traffic.takeChanges();
    return traffic.exchanges - before;
  };
}
