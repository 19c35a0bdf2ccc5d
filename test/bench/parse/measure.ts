/**
 * Streams and protocols alone, on recorded traffic: no kernel, no ring, no client. Time is the processor's, of all of the
 * process's threads: so a busy machine disturbs it less, and the collector's threads count.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { heapOptions } from "../../../helper/heap.ts";
import { recordHttp1 } from "./http1.ts";
import { recordHttp2 } from "./http2.ts";
import { nodesPlayer } from "./node-parser.ts";
import type { Recording } from "./recorder.ts";
import { player } from "./replay.ts";

const exchanges = 10_000;
const turns = 15;
const recordings: Record<string, () => Recording | Promise<Recording>> = {
  "no body": () => recordHttp1(exchanges, 0),
  "62 B": () => recordHttp1(exchanges, 62),
  "62 B, each on a new connection": () => recordHttp1(exchanges, 62, false),
  "1 KB": () => recordHttp1(exchanges, 1000),
  "22 KB": () => recordHttp1(4000, 22_000),
  "1 MB": () => recordHttp1(100, 1_000_000),
  "HTTP/2, 62 B": () => recordHttp2(exchanges, 62),
};

/** Each in a process of its own, with a heap like the helper's. */
export async function measureParsing(): Promise<void> {
  const rows: Record<string, object> = {};
  for (const name of Object.keys(recordings)) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...heapOptions,
      import.meta.filename,
      name,
    ]);
    rows[name] = JSON.parse(stdout) as object;
  }
  console.log(`\nStreams and protocols alone: medians of ${turns} turns, per second of CPU time`);
  console.table(rows);
}

async function measure(name: string): Promise<object> {
  const recording = await recordings[name]!();
  const ours = player(recording);
  const nodes = name.startsWith("HTTP/2") ? undefined : nodesPlayer(recording);
  const rates: number[] = [];
  const nodesRates: number[] = [];
  // In turns, as figures of different moments can't be compared; the first is the warm-up.
  for (let turn = 0; turn <= turns; turn++) {
    const rate = perSecond(ours, recording.exchanges);
    const nodesRate = nodes && perSecond(() => nodes() / 2, recording.exchanges);
    if (turn === 0) continue;
    rates.push(rate);
    if (nodesRate !== undefined) nodesRates.push(nodesRate);
  }
  const rate = median(rates);
  return {
    "exchanges/s": Math.round(rate),
    "µs each": Number((1e6 / rate).toFixed(1)),
    "GB/s of bodies": Number(((rate * recording.bodyBytes) / recording.exchanges / 1e9).toFixed(2)),
    ...(nodes && {
      "Node's parser, exchanges/s": Math.round(median(nodesRates)),
      "ours : Node's": Number(median(rates.map((each, turn) => each / nodesRates[turn]!)).toFixed(2)),
    }),
  };
}

/** Exchanges per second of CPU time. */
function perSecond(play: () => number, expected: number): number {
  const began = process.cpuUsage();
  const finished = play();
  const { user, system } = process.cpuUsage(began);
  if (finished !== expected) throw new Error(`${finished} exchanges of ${expected}`);
  return (finished * 1e6) / (user + system);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (import.meta.main) console.log(JSON.stringify(await measure(process.argv[2] ?? "")));
