/** A target's fuzzing in a thread of its own: should it hang, or take all memory, the other thread knows of which input. */
import { parentPort, workerData } from "node:worker_threads";
import { readCorpus } from "./corpus.ts";
import { Coverage } from "./coverage.ts";
import { Fuzzer, type Found } from "./fuzzer.ts";

/** What the thread is given. */
export interface Work {
  target: string;
  seed: number;
  milliseconds: number;
  /** The input at hand: how long it is, how many there were, and its bytes. */
  numbers: Int32Array<SharedArrayBuffer>;
  bytes: Uint8Array<SharedArrayBuffer>;
}

/** What it says at its end. */
export interface Result {
  count: number;
  characters: number;
  found: Found[];
  corpus: Uint8Array[];
}

const { target, seed, milliseconds, numbers, bytes } = workerData as Work;
const coverage = new Coverage();
// Before what is fuzzed is there.
coverage.start();
const { targets } = await import("./targets.ts");
const fuzzer = new Fuzzer(targets[target]!, coverage, seed, (input) => {
  bytes.set(input.subarray(0, bytes.length));
  numbers[0] = input.length;
  Atomics.add(numbers, 1, 1);
});
const known = readCorpus(target);
fuzzer.learn(known);
fuzzer.run(milliseconds);
const { count, characters, found } = fuzzer;
const result: Result = { count, characters, found, corpus: [...known, ...fuzzer.discoveries(known)] };
parentPort?.postMessage(result);
