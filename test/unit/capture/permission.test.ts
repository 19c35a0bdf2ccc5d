/** Why the kernel refuses: from what was tried and what is known of the process that tried. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explain, type Standing } from "../../../helper/capture/permission.ts";
import { refusalText } from "../../../protocol/refusal.ts";

const all = 2n ** 41n - 1n;
/** Docker's default set. */
const docker = 0xa80425fbn;
const host: Standing = {
  capabilities: all,
  filtered: false,
  firstUsers: true,
  firstProcesses: true,
  lockdown: undefined,
};

const cases: [what: string, standing: Partial<Standing>, operation: string, code: string, words: string][] = [
  [
    "a container's default capabilities",
    { capabilities: docker, filtered: true },
    ...(["load a program", "EPERM"] as const),
    "this kernel refuses BPF (EPERM: load a program): root lacks CAP_BPF, CAP_PERFMON here",
  ],
  [
    "one of the two capabilities",
    { capabilities: docker | (1n << 39n) },
    ...(["load a program", "EPERM"] as const),
    "this kernel refuses BPF (EPERM: load a program): root lacks CAP_PERFMON here",
  ],
  [
    "CAP_SYS_ADMIN stands for both",
    { capabilities: docker | (1n << 21n), filtered: true },
    ...(["load a program", "EPERM"] as const),
    "this kernel refuses BPF (EPERM: load a program): a seccomp filter forbids it",
  ],
  [
    "all capabilities of a user namespace",
    { firstUsers: false, filtered: true },
    ...(["load a program", "EPERM"] as const),
    "this kernel refuses BPF (EPERM: load a program): this is root of a user namespace only",
  ],
  [
    "lockdown that says so",
    { lockdown: "confidentiality" },
    ...(["load a program", "EINVAL"] as const),
    "this kernel refuses BPF (EINVAL: load a program): kernel lockdown lets no program read kernel memory",
  ],
  [
    "lockdown without securityfs",
    {},
    ...(["load a program", "EINVAL"] as const),
    "this kernel refuses BPF (EINVAL: load a program): kernel lockdown lets no program read kernel memory",
  ],
  [
    "lockdown for integrity alone, which lets programs read",
    { lockdown: "integrity" },
    ...(["attach a program", "EPERM"] as const),
    "this kernel refuses BPF (EPERM: attach a program): root has the capabilities; a security module may forbid it",
  ],
  [
    "a container's own process ids",
    { firstProcesses: false },
    ...(["name processes", "ESRCH"] as const),
    "this container has process ids of its own, and the kernel side knows processes by the host's",
  ],
];
for (const [what, standing, operation, code, words] of cases)
  test(`refused with ${what}`, () => {
    assert.equal(refusalText(explain(operation, code, { ...host, ...standing })), words);
  });
