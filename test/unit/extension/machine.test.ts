/** "Check This Machine": what is asked, and the page that says what came of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { AskHelper, Diagnosis } from "../../../client/diagnosis.ts";
import { HelperStartError } from "../../../client/helper.ts";
import { obstacleOf, obstacleText, type MachineFacts } from "../../../client/machine.ts";
import { checkMachine } from "../../../extension/machine/check.ts";
import { diagnosisText } from "../../../extension/machine/diagnosis-text.ts";
import type { SourceStatus } from "../../../protocol/capture.ts";
import { standing } from "./standing.ts";

const linux: MachineFacts = {
  ...{ platform: "linux", arch: "x64", release: "6.1.0-18-amd64", btf: true },
  ...{ capabilities: ~0n, userNamespace: false },
};
const sources: SourceStatus[] = [
  { name: "syscalls", on: true, probe: "raw_tp sys_enter, sys_exit" },
  { name: "sendpath", on: false, reason: "no kprobes | [here]" },
];
const answer = async () => {
  const { status } = standing();
  return { elevation: "sudo" as const, status: { ...status, sources, startup: 311.7 } };
};
const root = readFileSync(new URL("../../../media/walkthrough/root.md", import.meta.url), "utf8");
const check = (facts: MachineFacts, ask: AskHelper) => checkMachine(facts, obstacleOf(facts), ask);
const unasked = () => Promise.reject(new Error("a helper was started"));

test("where it can capture the page says with what, how it came to root, and what runs as root", async () => {
  const text = diagnosisText(await check(linux, answer), root, "wsl");
  for (const part of [
    "**Tinytap can capture here.**",
    "| System | Linux 6.1.0-18-amd64 on x64, with type information (BTF) |",
    "| VS Code’s extensions run | here, reached by wsl |",
    "| Root, for a moment | by `sudo`, without a password |",
    "| Ready | in 312 ms, the self-test included |",
    "| `syscalls` | on: raw\\_tp sys\\_enter, sys\\_exit |",
    String.raw`| off: no kprobes \| \[here\] |`,
    "## What runs as root",
  ])
    assert.ok(text.includes(part), `${part}\n${text}`);
  assert.doesNotMatch(text, /would help/);
});

test("where it can't it says why, in the words of the refusal, and what would help", async () => {
  const refused = new HelperStartError("no-root", "Tinytap needs root for a moment.");
  const text = diagnosisText(await check(linux, () => Promise.reject(refused)), root);
  assert.match(text, /\*\*Nothing can be captured here\.\*\* Tinytap needs root for a moment\.\n/);
  assert.match(
    text,
    /## What would help\n\n- a line for visudo: YOU ALL=\(root\) NOPASSWD: ALL\n- Recordings/,
  );
  assert.match(text, /\| VS Code’s extensions run \| on this machine \|/);
  await assert.rejects(check(linux, unasked), /a helper was started/);
});

test("another system, and a container without rights, are told without a helper, the latter with what it lacks", async () => {
  const mac = await check({ ...linux, platform: "darwin", release: "24.1.0", btf: false }, unasked);
  const text = diagnosisText({ ...mac, uid: -1 } satisfies Diagnosis, root);
  assert.ok(text.includes(`**Nothing can be captured here.** ${obstacleText.macos}`), text);
  assert.match(text, /\| System \| macOS \(Darwin\) 24\.1\.0 on x64 \|/);
  assert.doesNotMatch(text, /\| User|\| Root|What sees/);
  const confined = diagnosisText(await check({ ...linux, capabilities: 0n }, unasked), root);
  assert.match(confined, /- docker run --cap-add=BPF --cap-add=PERFMON/);
  const rootless = diagnosisText(await check({ ...linux, userNamespace: true }, unasked), root);
  assert.match(rootless, /- a rootless container's root is an ordinary user/);
});
