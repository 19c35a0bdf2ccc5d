/** What stands between this machine and a capture, as far as it can be known without root. */
import { existsSync, readFileSync } from "node:fs";
import { arch, platform, release } from "node:os";

export interface MachineFacts {
  /** As Node calls them. */
  platform: NodeJS.Platform;
  arch: string;
  /** The kernel's, e.g. `6.1.0-18-amd64`. */
  release: string;
  /** The kernel tells its types. */
  btf: boolean;
  /** A mask of the capabilities that a process of ours can have at most, root's included. */
  capabilities: bigint;
  /** Root's rights in here are none outside, as in a rootless container. */
  userNamespace: boolean;
}

export const obstacles = [
  "macos",
  "windows",
  "other-system",
  "other-cpu",
  "old-kernel",
  "no-btf",
  "confined",
] as const;
export type Obstacle = (typeof obstacles)[number];

/** Undefined: nothing speaks against a capture. Root may still be refused. */
export function obstacleOf(facts: MachineFacts): Obstacle | undefined {
  if (facts.platform === "darwin") return "macos";
  if (facts.platform === "win32") return "windows";
  if (facts.platform !== "linux") return "other-system";
  if (facts.arch !== "x64") return "other-cpu";
  if (isOld(facts.release)) return "old-kernel";
  if (!facts.btf) return "no-btf";
  return facts.userNamespace || !mayLoad(facts.capabilities) ? "confined" : undefined;
}

const inLinux =
  "It captures where the program runs in Linux on x86-64: by Remote-SSH, or in a dev container that may load BPF programs. " +
  "Install Tinytap there too.";

/** To a person, in full sentences; package.json's welcome views say the same. */
export const obstacleText: Record<Obstacle, string> = {
  macos: `Tinytap watches from the Linux kernel, and this is macOS. ${inLinux}`,
  windows: `Tinytap watches from the Linux kernel, and this is Windows. ${inLinux.replace("by", "in WSL, by")}`,
  "other-system": `Tinytap watches from the Linux kernel, and this is another system. ${inLinux}`,
  "other-cpu": `This Tinytap is built for x86-64, and this machine has another CPU. ${inLinux}`,
  "old-kernel": "This kernel has no ring buffer for Tinytap; Linux 5.10 or newer has.",
  "no-btf":
    "This kernel tells no types (BTF, /sys/kernel/btf/vmlinux), which Tinytap needs. Kernels of the distributions do, from 5.8 on: " +
    "they are built with CONFIG_DEBUG_INFO_BTF.",
  confined:
    "Nobody in here may load a BPF program, not even root: so it is in a container without further capabilities. " +
    "Tinytap captures on the host, or in a container that was given them: “Check This Machine” says which.",
};

export function machineFacts(): MachineFacts {
  const system = { platform: platform(), arch: arch(), release: release() };
  if (system.platform !== "linux") return { ...system, btf: false, capabilities: 0n, userNamespace: false };
  const bounding = /^CapBnd:\s*([\da-f]+)$/m.exec(read("/proc/self/status"))?.[1];
  const mapped = /^\s*0\s+0\s+4294967295\s*$/.test(read("/proc/self/uid_map"));
  return {
    ...system,
    btf: existsSync("/sys/kernel/btf/vmlinux"),
    // Where /proc tells nothing, nothing speaks against it.
    capabilities: bounding === undefined ? ~0n : BigInt(`0x${bounding}`),
    userNamespace: existsSync("/proc/self/uid_map") && !mapped,
  };
}

function isOld(release: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  return major < 5 || (major === 5 && minor < 10);
}

/** By the numbers of linux/capability.h. */
function mayLoad(capabilities: bigint): boolean {
  const has = (number: number): boolean => ((capabilities >> BigInt(number)) & 1n) === 1n;
  const [sysAdmin, perfmon, bpf] = [21, 38, 39];
  return has(sysAdmin) || (has(perfmon) && has(bpf));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
