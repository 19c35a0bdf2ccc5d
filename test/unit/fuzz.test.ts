/** What `npm run fuzz:protocols` does for hours, for a moment: the inputs that it kept, and some that are made of them. */
import { describe, test } from "node:test";
import { lineOf, readCorpus } from "../fuzz/corpus.ts";
import { mutate } from "../fuzz/mutate.ts";
import { targets } from "../fuzz/targets.ts";
import { Random } from "./http/random.ts";

const count = 500;

describe("fuzzed: nothing throws, and what is told adds up", () => {
  for (const [name, { run, words }] of Object.entries(targets))
    test(name, () => {
      const corpus = readCorpus(name);
      const random = new Random(1);
      const mutations = Array.from({ length: count }, () =>
        mutate(random.pick(corpus), random, { words, other: random.pick(corpus) }),
      );
      for (const input of [...corpus, ...mutations])
        try {
          run(input);
        } catch (error) {
          throw new Error(lineOf(input), { cause: error });
        }
    });
});
