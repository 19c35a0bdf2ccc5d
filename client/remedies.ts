/** What would let Tinytap capture where it couldn't: by the reason why. */
import type { StartError } from "../protocol/rpc.ts";

/**
 * Added to Docker's default set these serve, as tried in test/environments: without BPF or PERFMON nothing does; SYSLOG is
 * for /proc/kallsyms, which tells where a kernel with random addresses has the pages of sendfile. SYS_ADMIN stands for BPF
 * and PERFMON, and for far more. SETUID is only missed where another user than root is to own the helper.
 */
const capabilities = ["BPF", "PERFMON", "SYSLOG"];

const nearlyRoot =
  "who has these reads the memory of the host's kernel, and so of all its programs: nearly root";

/** Lines for a person, without indentation. */
export function remedies({ code, refusal }: StartError): string[] {
  switch (refusal?.cause) {
    case "capability":
      return container({ filtered: false });
    case "seccomp":
      return [
        "root has the capabilities, and a seccomp filter refuses bpf(2) all the same",
        ...container({ filtered: true }),
      ];
    case "pid-namespace":
      return container({ filtered: false });
    case "user-namespace":
      return [
        "a rootless container's root is an ordinary user to the kernel: no capability and no option helps",
        "capture on the host, or in a container that the host's root starts (docker, not rootless docker or podman)",
      ];
    case "lockdown":
      return [
        "lockdown goes with Secure Boot, or lockdown=confidentiality on the kernel's command line; lockdown=integrity is enough for Tinytap",
        "no capability and no container's option changes it",
      ];
    case "unknown":
      return [
        "a security module (AppArmor, SELinux) may forbid bpf(2): the kernel's log would say so",
        "in a container: docker run --privileged tells whether it is the container's doing",
      ];
    case undefined:
      return withoutRefusal[code] ?? [];
  }
}

const withoutRefusal: Partial<Record<StartError["code"], string[]>> = {
  "no-root": ["a line for visudo: YOU ALL=(root) NOPASSWD: ALL"],
  "no-btf": [
    "a kernel with CONFIG_DEBUG_INFO_BTF has /sys/kernel/btf/vmlinux; a container needs /sys mounted",
  ],
  "no-addon": ["npm run build, where a compiler and libbpf are installed, brings it"],
};

/** `filtered`: the capabilities alone don't lift the filter, as they do with Docker's own. */
function container({ filtered }: { filtered: boolean }): string[] {
  const options = [...capabilities.map((name) => `--cap-add=${name}`), "--pid=host"];
  const filter = "--security-opt=seccomp=unconfined";
  const all = filtered ? [...options, filter] : options;
  const runArgs = ["--pid=host", ...(filtered ? [filter] : [])];
  return [
    `docker run ${all.join(" ")} …`,
    `devcontainer.json: "capAdd": ${list(capabilities)}, "runArgs": ${list(runArgs)}`,
    "of Docker's default set SETGID, SETUID and SETPCAP must be left in: by them root is given up",
    nearlyRoot,
  ];
}

function list(words: string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}
