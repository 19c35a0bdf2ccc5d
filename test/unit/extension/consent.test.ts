import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { consentOf, type ConsentFacts } from "../../../extension/debug/consent.ts";
import { MachineMemoryFile } from "../../../extension/debug/machine-memory.ts";

function consent(facts: Partial<ConsentFacts>): string {
  return consentOf({ settings: ["always"], memory: {}, declined: false, ...facts });
}

test("a workspace may say less than the user, never more", () => {
  for (const [settings, expected] of [
    [["always", undefined, undefined], "yes"],
    [["always", "never"], "no"],
    [["always", "ask"], "ask"],
    [["never", "always"], "no"],
    [["ask", "always"], "ask"],
    [["ask", undefined, "never"], "no"],
    [[], "yes"],
  ] as const)
    assert.equal(consent({ settings }), expected, settings.join());
});

const refusal = { cause: "no-root", message: "Root was refused." } as const;

test("what this machine remembers: an answer settles the question, a refusal lets nobody be asked again", () => {
  assert.equal(consent({ settings: ["ask"], memory: { answer: "always" } }), "yes");
  assert.equal(consent({ settings: ["always"], memory: { answer: "never" } }), "no");
  assert.equal(consent({ settings: ["never"], memory: { answer: "always" } }), "no");
  assert.equal(consent({ settings: ["always"], memory: { refusal } }), "no");
  assert.equal(consent({ settings: ["ask"], memory: { refusal } }), "no");
  assert.equal(consent({ declined: true }), "no");
});

test("the machine's memory is a file; one that isn't there, or is broken, remembers nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-memory-"));
  try {
    const path = join(folder, "not/there/yet.json");
    const memory = new MachineMemoryFile(path);
    assert.deepEqual(await memory.read(), {});
    await memory.remember({ refusal });
    await memory.remember({ answer: "never" });
    assert.deepEqual(await new MachineMemoryFile(path).read(), { refusal, answer: "never" });
    await memory.remember({ refusal: undefined });
    assert.deepEqual(await memory.read(), { answer: "never" });
    for (const text of ["{", "null", '{"answer":"perhaps","refusal":7}', '{"refusal":"No."}']) {
      writeFileSync(path, text);
      assert.deepEqual(await memory.read(), {}, text);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what this machine is to remember at once is remembered one after the other", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-memory-"));
  const changes = [{ refusal }, { answer: "never" }] as const;
  try {
    for (let round = 0; round < 10; round++) {
      const memory = new MachineMemoryFile(join(folder, `${round}.json`));
      await Promise.all(Array.from({ length: 100 }, (_, i) => memory.remember(changes[i % 2]!)));
      assert.deepEqual(await memory.read(), { refusal, answer: "never" });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
