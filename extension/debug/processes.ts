/** What /proc says of processes. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** Clock ticks since boot: with the pid it names one process for good, as pids are used again. */
  started: number;
}

export interface Processes {
  entry(pid: number): ProcessEntry | undefined;
  all(): ProcessEntry[];
  /** The user that the process runs as. */
  uid(pid: number): number | undefined;
  /** The process that traces it (ptrace); 0 when none does. */
  tracer(pid: number): number;
  /** The present on the clock of `started`. */
  now(): number;
}

/** Linux gives these to every program as a hundredth of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

export const processes: Processes = {
  entry(pid) {
    const stat = read(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything, parentheses too. After it: state, parent, …, start time.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields && { pid, parent: Number(fields[1]), started: Number(fields[19]) };
  },
  all() {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map((pid) => processes.entry(Number(pid))).filter((entry) => entry !== undefined);
  },
  uid: (pid) => statusNumber(pid, "Uid"),
  tracer: (pid) => statusNumber(pid, "TracerPid") ?? 0,
  now: () => Math.floor(Number(read("/proc/uptime")?.split(" ")[0] ?? 0) * ticksPerSecond),
};

function statusNumber(pid: number, field: string): number | undefined {
  const match = new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(read(`/proc/${pid}/status`) ?? "");
  return match ? Number(match[1]) : undefined;
}

/** Undefined when the process has gone. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
