/** What a first try meets where the kernel says no: the doctor's diagnosis, and the first line of `npm test`. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { environments, type Environment } from "./environments.ts";
import { doctorSays, testSays } from "./words.ts";

const folder = mkdtempSync(join(tmpdir(), "tinytap-environments-"));
after(() => rmSync(folder, { recursive: true }));

const takes = "this kernel takes probes";
const refuses = "this kernel refuses BPF (EPERM: load a program): ";
/** By the environment's name: how the doctor's error goes on, and what it offers. */
const expected: Record<string, [error: string, remedy: RegExp]> = {
  "Docker's default": [`${refuses}root lacks CAP_BPF, CAP_PERFMON here`, /--cap-add=BPF .*--pid=host …$/m],
  "Docker's default, unconfined": [`${refuses}root lacks CAP_BPF, CAP_PERFMON here`, /--cap-add=BPF /],
  "Docker with BPF alone": [`${refuses}root lacks CAP_PERFMON here`, /--cap-add=PERFMON /],
  "all capabilities, seccomp": [
    `${refuses}a seccomp filter forbids it`,
    /--security-opt=seccomp=unconfined …$/m,
  ],
  "root of a user namespace": [
    `${refuses}this is root of a user namespace only`,
    /no capability and no option helps/,
  ],
  "a pid namespace": ["this container has process ids of its own", /--pid=host/],
  "no BTF": ["This kernel has no type information", /\/sys mounted/],
  "a user without sudo": ["needs root", /visudo/],
};

for (const environment of environments(folder)) {
  test(environment.name, { skip: whyNot(environment) ?? false }, async () => {
    const wanted = expected[environment.name];
    const [doctor, first] = await Promise.all([doctorSays(environment), testSays(environment)]);
    if (wanted === undefined) {
      assert.match(doctor, /^ready /m);
      assert.equal(first, takes);
      return;
    }
    const [reason, remedy] = wanted;
    assert.ok(doctor.includes(reason), doctor);
    assert.match(doctor, remedy);
    assert.ok(first.startsWith("no probes here: ") && first.includes(reason), first);
  });
}

/** Undefined: this machine lets it be made. */
function whyNot({ prefix: [command, ...args] }: Environment): string | undefined {
  if (command === undefined) return undefined;
  const { status, stderr } = spawnSync(command, [...args, "true"], { encoding: "utf8" });
  return status === 0 ? undefined : stderr.trim();
}
