/** Which of our code has run: V8 counts blocks, and what it tells is painted onto the characters of the sources. */
import { Session, type Profiler } from "node:inspector";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/paths.mjs";

/** What is fuzzed; and not what fuzzes it. */
const rooms = ["helper", "content", "protocol"].map((room) => pathToFileURL(`${root}/${room}/`).href);

/** Characters that have run, by the source's address: 1 each. */
export type Painting = Map<string, Uint8Array>;

export class Coverage {
  readonly #session = new Session();

  /** From now on; to be begun before what is measured is loaded. */
  start(): void {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  }

  /** What has run since the last time. */
  take(): Painting {
    let found: Profiler.TakePreciseCoverageReturnType | undefined;
    // The answer comes before the call returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, result) => {
      if (error !== null) throw error;
      found = result;
    });
    const painting: Painting = new Map();
    for (const { url, functions } of found?.result ?? [])
      if (rooms.some((room) => url.startsWith(room))) painting.set(url, paint(functions));
    return painting;
  }
}

/** Functions and their blocks from the outside in: what lies within is painted over. */
function paint(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ranges = functions
    .flatMap((each) => each.ranges)
    .toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const length = Math.max(...ranges.map(({ endOffset }) => endOffset));
  // Whole words, to be compared as such.
  const painted = new Uint8Array((length + 3) & ~3);
  for (const { startOffset, endOffset, count } of ranges)
    painted.fill(Math.min(count, 1), startOffset, endOffset);
  return painted;
}

/** All that has run so far. */
export class Reached {
  readonly #painted = new Map<string, Int32Array>();

  get characters(): number {
    let sum = 0;
    for (const words of this.#painted.values())
      for (const character of new Uint8Array(words.buffer)) sum += character;
    return sum;
  }

  /** Adds what has run. Gives whether some of it is new. */
  add(painting: Painting): boolean {
    let isNew = false;
    for (const [url, painted] of painting) {
      const all = this.#room(url, painted.length);
      const words = new Int32Array(painted.buffer);
      for (let at = 0; at < words.length; at++) {
        if ((words[at]! & ~all[at]!) === 0) continue;
        all[at]! |= words[at]!;
        isNew = true;
      }
    }
    return isNew;
  }

  hasAll(painting: Painting): boolean {
    for (const [url, painted] of painting) {
      const all = this.#room(url, painted.length);
      const words = new Int32Array(painted.buffer);
      for (let at = 0; at < words.length; at++) if ((words[at]! & ~all[at]!) !== 0) return false;
    }
    return true;
  }

  #room(url: string, length: number): Int32Array {
    const before = this.#painted.get(url);
    if (before !== undefined && before.length * 4 >= length) return before;
    const larger = new Int32Array(length / 4);
    if (before !== undefined) larger.set(before);
    this.#painted.set(url, larger);
    return larger;
  }
}
