/** The ring's reader and the slabs, in programs of C++ with crafted rings: without a kernel side. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../../scripts/paths.mjs";
import { whyNoCompiler } from "../../tools.ts";

describe("the ring alone", { skip: whyNoCompiler() ?? false }, () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-ring-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Builds a test program of C++ with a sanitizer, and runs it. */
  function runSanitized(source: string, ...sanitizers: string[]): { status: number | null; stderr: string } {
    const program = join(folder, source.replace(".cc", ""));
    const flags = ["-std=c++20", "-g", "-O1", "-pthread", "-Wall", "-Wextra", "-Werror"];
    const tested = ["error", "mapping", "ring", "slabs", "appender", "drain"].map(
      (name) => `native/${name}.cc`,
    );
    execFileSync("c++", [...flags, ...sanitizers, "-o", program, `test/native/${source}`, ...tested], {
      cwd: root,
    });
    const { status, stderr } = spawnSync(program, { encoding: "utf8" });
    return { status, stderr };
  }

  const addressAndUndefined = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

  test("crafted rings, whatever stands in them (AddressSanitizer)", () => {
    assert.deepEqual(runSanitized("appender_test.cc", ...addressAndUndefined), { status: 0, stderr: "" });
  });

  test("slabs that fill, run out and come back (AddressSanitizer)", () => {
    assert.deepEqual(runSanitized("slabs_test.cc", ...addressAndUndefined), { status: 0, stderr: "" });
  });

  test("a producer, the thread and a reader (AddressSanitizer)", () => {
    assert.deepEqual(runSanitized("drain_test.cc", ...addressAndUndefined), { status: 0, stderr: "" });
  });

  test("a producer, the thread and a reader (ThreadSanitizer)", (t) => {
    const { status, stderr } = runSanitized("drain_test.cc", "-fsanitize=thread");
    // Of kernels that put programs where it wants its own memory.
    if (stderr.includes("FATAL: ThreadSanitizer: unexpected memory mapping")) t.skip(stderr.trim());
    else assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  });
});
