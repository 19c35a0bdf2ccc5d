/** The matrix as a suite of `npm test`: the host has its own there (test/kernel), so only the other kernels. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { noOtherReleases } from "../../scripts/machines/debian.ts";
import { kernels } from "../../scripts/machines/kernels.ts";
import { runMatrix } from "./matrix.ts";
import { complaints, table, type Results } from "./results.ts";

const names = kernels.map(({ name }) => name);

const skip = await noOtherReleases();

describe("kernels", () => {
  let all: Results[] = [];

  before(async () => {
    if (skip) return;
    all = await runMatrix({ names, atOnce: 2 });
    console.log(table(all));
  });

  for (const [i, { name, age }] of kernels.entries())
    test(`${name}: ${age}`, { skip }, () => {
      const results = all[i];
      assert.ok(results?.passed, results && complaints([results]));
    });
});
