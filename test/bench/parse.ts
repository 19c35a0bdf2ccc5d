/** Streams and protocols alone, on recorded traffic: no kernel, no ring, no client. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { record } from "./recording.ts";
import { player } from "./replay.ts";

const exchanges = 10_000;
const turns = 10;
const sizes: Record<string, (exchange: number) => number> = {
  "no body": () => 0,
  "62 B": () => 62,
  "0 B to 22 KB": (exchange) => (exchange * 7919) % 22_528,
  "22 KB": () => 22_528,
};

/** In processes of their own, with a heap like the helper's. */
export async function measureParsing(): Promise<void> {
  const rows: Record<string, object> = {};
  for (const name of Object.keys(sizes)) {
    const args = ["--max-semi-space-size=64", import.meta.filename, name];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    rows[name] = JSON.parse(stdout) as object;
  }
  console.log(`\nPure part, ${turns} turns of ${exchanges} exchanges on 16 connections`);
  console.table(rows);
}

function measure(name: string): object {
  const play = player(record(exchanges, sizes[name] ?? (() => 0)));
  play(); // warm-up
  const seconds = Array.from({ length: turns }, () => {
    const began = performance.now();
    const finished = play();
    if (finished !== exchanges) throw new Error(`${finished} exchanges of ${exchanges}`);
    return (performance.now() - began) / 1000;
  }).toSorted((a, b) => a - b);
  const [best = Number.NaN, median = Number.NaN] = [seconds[0], seconds[turns >> 1]];
  return {
    "exchanges/s, median turn": Math.round(exchanges / median),
    "µs per exchange, median turn": Number(((median * 1e6) / exchanges).toFixed(1)),
    "best turn": Number(((best * 1e6) / exchanges).toFixed(1)),
  };
}

if (import.meta.main) console.log(JSON.stringify(measure(process.argv[2] ?? "")));
