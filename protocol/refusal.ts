/** Why the kernel lets the root phase attach nothing: a value, and its words. */

export interface Refusal {
  cause: RefusalCause;
  /** What was tried, e.g. `load a program`, and the errno's name, e.g. `EPERM`. */
  operation: string;
  code: string;
  /** Of `neededCapabilities`, those that root lacks here. */
  missing: string[];
}

/**
 * - `user-namespace`: root of a user namespace, whose capabilities don't count
 * - `capability`: root lacks some
 * - `lockdown`: no program may read kernel memory
 * - `seccomp`: a filter forbids the system call
 * - `pid-namespace`: attached it could be, but the kernel side knows processes by the host's ids
 */
export type RefusalCause =
  "user-namespace" | "capability" | "lockdown" | "seccomp" | "pid-namespace" | "unknown";

/** One line, without a full stop. */
export function refusalText({ cause, operation, code, missing }: Refusal): string {
  if (cause === "pid-namespace")
    return "this container has process ids of its own, and the kernel side knows processes by the host's";
  const reasons: Record<Exclude<RefusalCause, "pid-namespace">, string> = {
    "user-namespace": "this is root of a user namespace only",
    capability: `root lacks ${missing.join(", ")} here`,
    lockdown: "kernel lockdown lets no program read kernel memory",
    seccomp: "a seccomp filter forbids it",
    unknown: "root has the capabilities; a security module may forbid it",
  };
  return `this kernel refuses BPF (${code}: ${operation}): ${reasons[cause]}`;
}
