/** The question before any other: does the kernel let us attach? Asked by trying, and explained by what is known of us. */
import { readFileSync, readlinkSync } from "node:fs";
import type { Refusal, RefusalCause } from "../../protocol/refusal.ts";
import { isNativeError, type Addon } from "./addon.ts";

/** What the kernel tells of the process that asked. Undefined: it doesn't say. */
export interface Standing {
  /** Effective capabilities: bit n is number n. */
  capabilities: bigint;
  /** A seccomp filter is on. */
  filtered: boolean;
  /** Of the first user namespace, and of the first pid namespace. */
  firstUsers: boolean;
  firstProcesses: boolean;
  /** `none`, `integrity` or `confidentiality`. */
  lockdown: string | undefined;
}

/** By number, as CAP_SYS_ADMIN stands for both. */
const needed = [
  { name: "CAP_BPF", number: 39n },
  { name: "CAP_PERFMON", number: 38n },
];
const sysAdmin = 21n;

/** Undefined: it does. */
export function askKernel(addon: Pick<Addon, "tryToAttach">): Refusal | undefined {
  const standing = ownStanding();
  try {
    addon.tryToAttach();
  } catch (error) {
    if (!isNativeError(error)) throw error;
    return explain(error.operation, error.code, standing);
  }
  return standing.firstProcesses ? undefined : explain("name processes", "ESRCH", standing);
}

export function explain(operation: string, code: string, standing: Standing): Refusal {
  const has = (number: bigint) => ((standing.capabilities >> number) & 1n) === 1n;
  const missing = has(sysAdmin) ? [] : needed.filter(({ number }) => !has(number)).map(({ name }) => name);
  const cause = causeOf(code, missing, standing);
  return { cause, operation, code, missing };
}

/** First what no setting below it would change. */
function causeOf(code: string, missing: string[], standing: Standing): RefusalCause {
  if (code === "ESRCH") return "pid-namespace";
  if (!standing.firstUsers) return "user-namespace";
  if (missing.length > 0) return "capability";
  // The verifier knows no such helper then: EINVAL.
  if (standing.lockdown === "confidentiality" || (code === "EINVAL" && standing.lockdown === undefined))
    return "lockdown";
  return standing.filtered ? "seccomp" : "unknown";
}

/** Inode of the first pid namespace: PROC_PID_INIT_INO. */
const firstProcesses = "pid:[4026531836]";

function ownStanding(): Standing {
  const status = readFileSync("/proc/self/status", "utf8");
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)$`, "m").exec(status)?.[1];
  return {
    capabilities: BigInt(`0x${field("CapEff") ?? "0"}`),
    filtered: field("Seccomp") === "2",
    firstUsers: /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "utf8")),
    firstProcesses: readlinkSync("/proc/self/ns/pid") === firstProcesses,
    lockdown: lockdown(),
  };
}

/** From a line like `none [integrity] confidentiality`. */
function lockdown(): string | undefined {
  try {
    return /\[(\w+)\]/.exec(readFileSync("/sys/kernel/security/lockdown", "utf8"))?.[1];
  } catch {
    return undefined; // a kernel without it, or no securityfs here
  }
}
