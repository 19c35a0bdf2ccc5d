import assert from "node:assert/strict";
import { test } from "node:test";
import { machineFacts, obstacleOf, type MachineFacts, type Obstacle } from "../../../client/machine.ts";

const linux: MachineFacts = {
  platform: "linux",
  arch: "x64",
  release: "6.1.0-18-amd64",
  btf: true,
  capabilities: 0x1ff_ffff_ffffn,
  userNamespace: false,
};
/** Those of a Docker container that was given no others. */
const dockers = 0xa804_25fbn;
const bpfAndPerfmon = (1n << 39n) | (1n << 38n);

const table: [what: string, facts: Partial<MachineFacts>, expected: Obstacle | undefined][] = [
  ["Linux on x86-64", {}, undefined],
  ["the oldest kernel", { release: "5.10.0-8-amd64" }, undefined],
  ["WSL", { release: "5.15.153.1-microsoft-standard-WSL2" }, undefined],
  ["a kernel before the oldest", { release: "5.9.16" }, "old-kernel"],
  ["a kernel of another age", { release: "4.19.0-26-amd64" }, "old-kernel"],
  ["a kernel without BTF", { btf: false }, "no-btf"],
  ["macOS", { platform: "darwin", arch: "arm64", btf: false, capabilities: 0n }, "macos"],
  ["macOS on Intel", { platform: "darwin", btf: false, capabilities: 0n }, "macos"],
  ["Windows", { platform: "win32", btf: false, capabilities: 0n }, "windows"],
  ["FreeBSD", { platform: "freebsd", btf: false, capabilities: 0n }, "other-system"],
  ["Linux on ARM", { arch: "arm64" }, "other-cpu"],
  ["32-bit Linux", { arch: "ia32" }, "other-cpu"],
  ["a container with Docker's capabilities", { capabilities: dockers }, "confined"],
  ["a container with CAP_BPF alone", { capabilities: dockers | (1n << 39n) }, "confined"],
  ["a container with CAP_BPF and CAP_PERFMON", { capabilities: dockers | bpfAndPerfmon }, undefined],
  ["a container with CAP_SYS_ADMIN", { capabilities: dockers | (1n << 21n) }, undefined],
  ["a rootless container", { userNamespace: true }, "confined"],
];

for (const [what, facts, expected] of table)
  test(`${what}: ${expected ?? "nothing"} stands in a capture's way`, () =>
    assert.equal(obstacleOf({ ...linux, ...facts }), expected));

test("this machine's facts are read", () => {
  const facts = machineFacts();
  assert.deepEqual([facts.platform, facts.arch], [process.platform, process.arch]);
  assert.ok(facts.capabilities > 0n);
});
