/** The matrix as a suite of `npm test`: the host has its own there (test/kernel), so only the other kernels. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { noOtherReleases } from "../../scripts/machines/debian.ts";
import { kernels } from "../../scripts/machines/kernels.ts";
import { whyNotInstalled } from "../../scripts/packages.mjs";
import { native, runMatrix, unfit } from "./matrix.ts";
import { complaints, table, type Results } from "./results.ts";

const names = kernels.map(({ name }) => name);

const skip = await noOtherReleases();
const nativeElsewhere =
  process.env["TINYTAP_NO_PROBES"] === undefined && "test/native runs on this machine's own kernel";

describe("kernels", () => {
  let all: Results[] = [];
  let missing: string | undefined;

  before(async () => {
    if (skip) return;
    missing = await whyNotInstalled(async () => {
      all = await runMatrix({ names: nativeElsewhere ? names : [...names, native], atOnce: 2 });
      console.log(table(all.filter(({ column }) => column !== native)));
    });
  });

  for (const { name, age } of kernels)
    test(`${name}: ${age}`, { skip }, (t) => {
      if (missing !== undefined) return t.skip(missing);
      const results = all.find(({ column }) => column === name);
      assert.ok(results?.passed, results && complaints([results]));
    });

  describe("what machines can do of test/native, where this kernel takes no probes", () => {
    for (const [name, why] of unfit) test(name, { skip: nativeElsewhere || `no machine can: it ${why}` });

    test("the rest", { skip: skip || nativeElsewhere }, async (t) => {
      if (missing !== undefined) return t.skip(missing);
      const results = all.find(({ column }) => column === native);
      for (const { name, failed, skipped, passed } of results?.features ?? [])
        await t.test(name, (each) => {
          assert.deepEqual(failed, []);
          if (passed === 0) each.skip(skipped.join("; "));
        });
      assert.ok(results?.passed, results && complaints([results]));
    });
  });
});
