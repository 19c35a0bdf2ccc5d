/** One target's fuzzing: of what reaches code or an outcome that nothing before has reached, more is made. */
import { Random } from "../unit/http/random.ts";
import { Reached, type Coverage } from "./coverage.ts";
import { minimize, mutate } from "./mutate.ts";
import type { Target } from "./targets.ts";

/** Milliseconds between two looks at the coverage: a look takes longer than most inputs. */
const betweenLooks = 100;
/** Milliseconds of the processor that no input may take, however often it is tried. */
const tooLong = (input: Buffer) => 3000 + input.length / 10;
/** Bytes of an input that is kept for the corpus, where people read it too. */
const longestKept = 400;
const slow = "it takes too long";

export interface Found {
  /** The smallest that still does it. */
  input: Buffer;
  why: string;
}

export class Fuzzer {
  readonly found: Found[] = [];
  /** Inputs so far, those of the corpus not counted. */
  count = 0;
  /** Those that reached something first. */
  readonly #corpus = new Set<Buffer>();
  readonly #reached = new Reached();
  readonly #outcomes = new Set<string>();
  /** Where something was thrown. */
  readonly #places = new Set<string>();
  readonly #target: Target;
  readonly #coverage: Coverage;
  readonly #random: Random;
  /** Told before each input, as it may be the last. */
  readonly #begins: (input: Buffer) => void;

  constructor(target: Target, coverage: Coverage, seed: number, begins: (input: Buffer) => void) {
    this.#target = target;
    this.#coverage = coverage;
    this.#random = new Random(seed);
    this.#begins = begins;
  }

  /** Characters of our sources that have run. */
  get characters(): number {
    return this.#reached.characters;
  }

  /** Keeps of these inputs those that reach something new. */
  learn(inputs: readonly Buffer[]): void {
    for (const input of inputs) this.#try(input);
    const painting = this.#coverage.take();
    if (this.#reached.hasAll(painting)) return;
    if (inputs.length === 1) this.#corpus.add(inputs[0]!);
    else
      for (const half of [inputs.slice(0, inputs.length >> 1), inputs.slice(inputs.length >> 1)])
        this.learn(half);
    // Also what doesn't run a second time.
    this.#reached.add(painting);
  }

  /** `milliseconds`: for so long. There must be something to begin with. */
  run(milliseconds: number): void {
    for (const until = performance.now() + milliseconds; performance.now() < until;) {
      const corpus = [...this.#corpus];
      const batch: Buffer[] = [];
      for (const look = performance.now() + betweenLooks; performance.now() < look; this.count++) {
        const input = this.#next(corpus);
        batch.push(input);
        this.#try(input);
      }
      if (!this.#reached.hasAll(this.#coverage.take())) this.learn(batch);
    }
  }

  /** Short inputs that reach, one or the other, what none of `known` does. */
  discoveries(known: readonly Buffer[]): Buffer[] {
    const reached = new Reached();
    const outcomes = new Set<string>();
    const isNew = (input: Buffer): boolean => {
      const before = outcomes.size;
      for (const outcome of this.#target.run(input) ?? []) outcomes.add(outcome);
      return reached.add(this.#coverage.take()) || outcomes.size > before;
    };
    known.forEach(isNew);
    return [...this.#corpus]
      .filter((input) => input.length <= longestKept)
      .toSorted((a, b) => a.length - b.length)
      .filter(isNew);
  }

  #next(corpus: readonly Buffer[]): Buffer {
    const newest = this.#random.chance(0.3) ? corpus.slice(-10) : corpus;
    const other = this.#random.pick(corpus);
    return mutate(this.#random.pick(newest), this.#random, { words: this.#target.words, other });
  }

  /** Keeps it, if its outcome is new. */
  #try(input: Buffer): void {
    this.#begins(input);
    const before = this.#outcomes.size;
    const began = performance.now();
    try {
      for (const outcome of this.#target.run(input) ?? []) this.#outcomes.add(outcome);
      if (performance.now() - began > tooLong(input) && this.#isSlow(input)) this.#tell(input, slow);
    } catch (error) {
      this.#fail(input, error);
    }
    if (this.#outcomes.size > before) this.#corpus.add(input);
  }

  #isSlow(input: Buffer): boolean {
    return [1, 2, 3].every(() => {
      const began = process.threadCpuUsage();
      this.#target.run(input);
      return process.threadCpuUsage(began).user > tooLong(input) * 1000;
    });
  }

  #fail(input: Buffer, error: unknown): void {
    const place = placeOf(error);
    if (this.#places.has(place)) return;
    this.#places.add(place);
    const isSame = (shorter: Buffer) => {
      this.#begins(shorter);
      try {
        this.#target.run(shorter);
        return false;
      } catch (other) {
        return placeOf(other) === place;
      }
    };
    this.#tell(
      minimize(input, isSame),
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }

  #tell(input: Buffer, why: string): void {
    if (why === slow && this.found.some((each) => each.why === slow)) return;
    this.found.push({ input, why });
  }
}

/** Where it was thrown: what is thrown there again is nothing new. */
function placeOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  return lines.filter((line) => /^ +at .*\.ts:/.test(line))[0] ?? String(error);
}
