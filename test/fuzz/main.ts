/**
 * `npm run fuzz:protocols [-- --minutes N] [--keep] [TARGET…]`: fuzzes streams, protocols and the readers of bodies, each so
 * long (10 minutes by default), led by what of their code an input reaches. Prints a table, and what was found as a line of
 * a corpus; ends with 1 if anything was. `--keep`: inputs that reach what those of the corpus don't are added to it.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { script, SetupError, step } from "../../scripts/progress.mjs";
import { lineOf, writeCorpus } from "./corpus.ts";
import type { Found } from "./fuzzer.ts";
import type { Result, Work } from "./worker.ts";
import { targets } from "./targets.ts";

/** Milliseconds after which an input hangs. */
const longestInput = 60_000;
/** MiB that a target's thread may take. */
const memory = 400;

async function fuzz(target: string, minutes: number, seed: number): Promise<Result> {
  const numbers = new Int32Array(new SharedArrayBuffer(8));
  const bytes = new Uint8Array(new SharedArrayBuffer(1 << 16));
  const workerData: Work = { target, seed, milliseconds: minutes * 60_000, numbers, bytes };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: memory },
  });
  const ended = new AbortController();
  try {
    return await Promise.race([resultOf(worker), hang(numbers, ended.signal)]);
  } catch (error) {
    const input = Buffer.from(bytes.subarray(0, numbers[0]));
    return { count: numbers[1]!, characters: 0, found: [{ input, why: String(error) }], corpus: [] };
  } finally {
    ended.abort();
    await worker.terminate();
  }
}

function resultOf(worker: Worker): Promise<Result> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** Rejects when the same input is at hand for too long. */
async function hang(numbers: Int32Array, signal: AbortSignal): Promise<never> {
  let before = -1;
  for await (const _ of setInterval(longestInput, undefined, { signal })) {
    if (numbers[1] === before) break;
    before = numbers[1]!;
  }
  throw new Error(`it hangs: more than ${longestInput / 1000} s`);
}

function tell(target: string, found: readonly Found[]): void {
  const file = join(tmpdir(), `tinytap-found-${target}.jsonl`);
  writeFileSync(file, found.map(({ input }) => `${lineOf(input)}\n`).join(""));
  for (const { input, why } of found) console.log(`${target}: ${lineOf(input).slice(0, 300)}\n${why}\n`);
  console.log(`${target}: whole in ${file}`);
  process.exitCode = 1;
}

await script(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      keep: { type: "boolean", default: false },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(targets);
  const unknown = names.filter((name) => !Object.hasOwn(targets, name));
  if (unknown.length > 0)
    throw new SetupError(`no target ${unknown.join(", ")}; there are ${Object.keys(targets).join(", ")}`);
  const rows: Record<string, object> = {};
  for (const name of names) {
    const minutes = Number(values.minutes);
    const { count, characters, found, corpus } = await step(`fuzzing ${name} for ${minutes} min`, () =>
      fuzz(name, minutes, Number(values.seed)),
    );
    rows[name] = {
      inputs: count,
      "characters reached": characters,
      corpus: corpus.length,
      found: found.length,
    };
    if (found.length > 0) tell(name, found);
    if (values.keep && found.length === 0) writeCorpus(name, corpus);
  }
  console.log(`seed ${values.seed}`);
  console.table(rows);
});
