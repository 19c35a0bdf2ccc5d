/** Places in which a first try happens, each made from this machine's root by a prefix of a command line. */
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { dockerCapabilities, withCapabilities } from "../../scripts/capabilities.mjs";
import { root } from "../../scripts/paths.mjs";

export interface Environment {
  name: string;
  /** To be put before a command: it runs in the environment then. */
  prefix: string[];
}

/** Builds confine.c into `folder`, and gives every environment. Throws where there is no C compiler. */
export function environments(folder: string): Environment[] {
  const confine = join(folder, "confine");
  const source = join(import.meta.dirname, "confine.c");
  execFileSync("cc", ["-O1", "-Wall", "-Wextra", "-Werror", "-o", confine, source]);
  const probing = ["--allow", "bpf", "--allow", "perf_event_open"];
  const added = ["bpf", "perfmon", "syslog"];
  return [
    { name: "root", prefix: [] },
    { name: "Docker's default", prefix: [confine, ...withCapabilities(dockerCapabilities)] },
    { name: "Docker's default, unconfined", prefix: withCapabilities(dockerCapabilities) },
    {
      name: "Docker with what the doctor tells to add",
      prefix: [confine, ...probing, ...withCapabilities([...dockerCapabilities, ...added])],
    },
    { name: "Docker with BPF alone", prefix: withCapabilities([...dockerCapabilities, "bpf"]) },
    {
      name: "the least that serves",
      prefix: withCapabilities(["setgid", "setuid", "setpcap", "bpf", "perfmon"]),
    },
    {
      name: "SYS_ADMIN for BPF and PERFMON",
      prefix: withCapabilities(["setgid", "setuid", "setpcap", "sys_admin"]),
    },
    { name: "all capabilities, seccomp", prefix: [confine] },
    { name: "root of a user namespace", prefix: ["unshare", "--user", "--map-root-user"] },
    {
      name: "a pid namespace",
      prefix: ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"],
    },
    { name: "no BTF", prefix: inMounts("mount -t tmpfs none /sys") },
    { name: "a user without sudo", prefix: asUser() },
  ];
}

function inMounts(mounts: string): string[] {
  return ["unshare", "--mount", "sh", "-c", `${mounts} && exec "$@"`, "sh"];
}

/** The checkout and Node may lie where only root gets: what stands above them is made passable, for this command alone. */
function asUser(): string[] {
  const reach = [root, dirname(process.execPath)]
    .map((folder, i) => `mkdir -p "$hold/${i}" && mount --bind "${folder}" "$hold/${i}"`)
    .join(" && ");
  const back = [root, dirname(process.execPath)]
    .map((folder, i) => `mkdir -p "${folder}" && mount --bind "$hold/${i}" "${folder}"`)
    .join(" && ");
  const script =
    `hold=/mnt && mount -t tmpfs tmpfs $hold && ${reach} && mount -t tmpfs -o mode=755 tmpfs "$HOME" && ${back} && ` +
    `cd "${root}" && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, "sh"];
}
