/** Changes an input a little, as fuzzers do. */
import type { Random } from "../unit/http/random.ts";

/** Bytes of an input; and of the few that are long, as what takes the square of its length is seen by nothing else. */
const longest = 4096;
const veryLong = 64 * 1024;

type Change = (input: Buffer, random: Random, source: Source) => Buffer;

/** What inputs are made of. */
interface Source {
  /** What is likely to mean something. */
  words: readonly Buffer[];
  /** Another input. */
  other: Buffer;
}

const numbers = [
  0, 1, 2, 4, 8, 9, 10, 13, 16, 31, 32, 63, 64, 65, 100, 125, 126, 127, 128, 192, 253, 254, 255,
];

const changes: readonly Change[] = [
  (input, random) => set(input, random, (byte) => byte ^ (1 << random.int(0, 7))),
  (input, random) => set(input, random, () => random.int(0, 255)),
  (input, random) => set(input, random, () => random.pick(numbers)),
  (input, random) => set(input, random, (byte) => byte + random.pick([-1, 1])),
  (input, random) => splice(input, random, 0, Buffer.from(random.bytes(random.int(1, 8)))),
  (input, random, { words }) => splice(input, random, 0, random.pick(words)),
  (input, random, { words }) => splice(input, random, 0, random.pick(words)),
  (input, random, { words }) => {
    const word = random.pick(words);
    return splice(input, random, word.length, word);
  },
  (input, random) => splice(input, random, random.int(1, 4), empty),
  (input, random) => splice(input, random, random.int(1, Math.max(input.length >> 1, 1)), empty),
  (input, random) => splice(input, random, 0, part(input, random)),
  (input, random, { other }) => splice(input, random, 0, part(other, random)),
  (input, random, { other }) => {
    const some = part(other, random);
    return splice(input, random, some.length, some);
  },
  (input, random, { other }) =>
    Buffer.concat([
      input.subarray(0, random.int(0, input.length)),
      other.subarray(random.int(0, other.length)),
    ]),
  (input, random) => {
    const some = part(input, random).subarray(0, 64);
    const most = random.chance(0.05) ? veryLong : longest / 4;
    const times = some.length === 0 ? 0 : random.int(1, Math.max(Math.floor(most / some.length), 1));
    return splice(input, random, 0, Buffer.concat(Array<Buffer>(times).fill(some)));
  },
];
const empty = Buffer.alloc(0);

export function mutate(input: Buffer, random: Random, source: Source): Buffer {
  let result = input;
  for (let count = 1 << random.int(0, 3); count > 0; count--)
    result = random.pick(changes)(result, random, source);
  const limit = result.length > longest && random.chance(0.1) ? veryLong : longest;
  return result.subarray(0, limit);
}

function set(input: Buffer, random: Random, change: (byte: number) => number): Buffer {
  const result = Buffer.from(input);
  const at = random.int(0, Math.max(input.length - 1, 0));
  if (input.length > 0) result[at] = change(input[at]!);
  return result;
}

/** Somewhere `removed` bytes become these. */
function splice(input: Buffer, random: Random, removed: number, added: Buffer): Buffer {
  const at = random.int(0, input.length);
  return Buffer.concat([input.subarray(0, at), added, input.subarray(at + removed)]);
}

function part(input: Buffer, random: Random): Buffer {
  const start = random.int(0, input.length);
  return input.subarray(start, random.int(start, input.length));
}

/** The smallest that still is `wanted`, as far as taking parts out makes it smaller. */
export function minimize(input: Buffer, wanted: (input: Buffer) => boolean): Buffer {
  let smallest = input;
  for (let size = input.length >> 1; size > 0; size >>= 1)
    for (let at = 0; at < smallest.length;) {
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (wanted(shorter)) smallest = shorter;
      else at += size;
    }
  return smallest;
}
