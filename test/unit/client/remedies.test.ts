/** What would let Tinytap capture, by the reason why the kernel refuses: the settings of containers, word for word. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { remedies } from "../../../client/remedies.ts";
import type { RefusalCause } from "../../../protocol/refusal.ts";
import type { StartErrorCode } from "../../../protocol/rpc.ts";

const run = "docker run --cap-add=BPF --cap-add=PERFMON --cap-add=SYSLOG --pid=host …";
const devcontainer = 'devcontainer.json: "capAdd": ["BPF", "PERFMON", "SYSLOG"], "runArgs": ["--pid=host"]';
const kept = "of Docker's default set SETGID, SETUID and SETPCAP must be left in: by them root is given up";
const price = "who has these reads the memory of the host's kernel, and so of all its programs: nearly root";

const byCause: Record<RefusalCause, string[]> = {
  capability: [run, devcontainer, kept, price],
  "pid-namespace": [run, devcontainer, kept, price],
  seccomp: [
    "root has the capabilities, and a seccomp filter refuses bpf(2) all the same",
    run.replace(" …", " --security-opt=seccomp=unconfined …"),
    devcontainer.replace('host"]', 'host", "--security-opt=seccomp=unconfined"]'),
    kept,
    price,
  ],
  "user-namespace": [
    "a rootless container's root is an ordinary user to the kernel: no capability and no option helps",
    "capture on the host, or in a container that the host's root starts (docker, not rootless docker or podman)",
  ],
  lockdown: [
    "lockdown goes with Secure Boot, or lockdown=confidentiality on the kernel's command line; lockdown=integrity is enough for Tinytap",
    "no capability and no container's option changes it",
  ],
  unknown: [
    "a security module (AppArmor, SELinux) may forbid bpf(2): the kernel's log would say so",
    "in a container: docker run --privileged tells whether it is the container's doing",
  ],
};
for (const [cause, lines] of Object.entries(byCause) as [RefusalCause, string[]][])
  test(`remedies: ${cause}`, () => {
    const refusal = { cause, operation: "load a program", code: "EPERM", missing: [] };
    assert.deepEqual(remedies({ code: "no-kernel-support", message: "", refusal }), lines);
  });

const byCode: [StartErrorCode, RegExp][] = [
  ["no-root", /^a line for visudo: YOU ALL=\(root\) NOPASSWD: ALL$/],
  ["no-btf", /CONFIG_DEBUG_INFO_BTF .* \/sys mounted$/],
  ["no-addon", /^npm run build/],
];
for (const [code, line] of byCode)
  test(`remedies without a word of the kernel: ${code}`, () => {
    assert.match(remedies({ code, message: "" })[0] ?? "", line);
  });
