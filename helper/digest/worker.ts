/** The digests' thread: reads bytes where they lie in the memory it shares with the main thread. */
import { createHash, type Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { order, rowLength, type Answers, type Orders } from "./messages.ts";

const bytes = new Uint8Array(workerData as SharedArrayBuffer);
const hashes = new Map<number, Hash>();

function answer(orders: Orders): Answers {
  const read: number[] = [];
  const digests: Answers["digests"] = [];
  for (let row = 0; row < orders.length; row += rowLength) {
    const [what = 0, body = 0, at = 0, length = 0] = orders.subarray(row, row + rowLength);
    let hash = hashes.get(body);
    if (hash === undefined) hashes.set(body, (hash = createHash("sha256")));
    if (what === order.update) {
      hash.update(bytes.subarray(at, at + length));
      read.push(at);
      continue;
    }
    if (what === order.finish) digests.push([body, hash.digest("hex")]);
    hashes.delete(body);
  }
  return { read: new Float64Array(read), digests };
}

parentPort?.on("message", (orders: Orders) => parentPort?.postMessage(answer(orders)));
