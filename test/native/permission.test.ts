/** The question whether the kernel takes probes, where it does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNoCapture } from "../../client/helper.ts";
import { askKernel } from "../../helper/capture/permission.ts";
import { loadAddon } from "../../helper/capture/addon.ts";
import { dist } from "../../scripts/paths.mjs";

test("the smallest program loads and attaches", () => {
  assert.equal(askKernel(loadAddon(dist)), undefined);
});

test("a client that only asks gets its answer, and no helper is left", async () => {
  assert.equal(await whyNoCapture({ node: process.execPath, directory: dist }), undefined);
});
