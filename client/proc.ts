/** What /proc says of processes: the one place that reads it on behalf of a client, and never waits for it. */
import { readdir, readFile } from "node:fs/promises";
import { uptime } from "node:os";

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** Clock ticks since boot: with the pid it names one process for good, as pids are used again. */
  started: number;
}

export interface Processes {
  entry(pid: number): Promise<ProcessEntry | undefined>;
  all(): Promise<ProcessEntry[]>;
  /** The user that the process runs as. */
  uid(pid: number): Promise<number | undefined>;
  /** The process that traces it (ptrace); 0 when none does. */
  tracer(pid: number): Promise<number>;
  /** Its arguments, the program's own name first; empty when it has gone. */
  commandLine(pid: number): Promise<string[]>;
  /** The present on the clock of `started`. */
  now(): number;
}

/** Linux gives these to every program as a hundredth of a second, whatever the kernel's own tick is. */
export const ticksPerSecond = 100;

export const processes: Processes = {
  async entry(pid) {
    const stat = await readProc(`${pid}/stat`);
    if (stat === "") return undefined;
    // The name, in parentheses, may hold anything, parentheses too. After it: state, parent, …, start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(fields[1]), started: Number(fields[19]) };
  },
  async all() {
    const entries = await Promise.all((await allPids()).map((pid) => processes.entry(pid)));
    return entries.filter((entry) => entry !== undefined);
  },
  uid: (pid) => statusNumber(pid, "Uid"),
  tracer: async (pid) => (await statusNumber(pid, "TracerPid")) ?? 0,
  commandLine: async (pid) => (await readProc(`${pid}/cmdline`)).split("\0").slice(0, -1),
  now: () => Math.floor(uptime() * ticksPerSecond),
};

export async function allPids(): Promise<number[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Empty where there is nothing, or nothing for us. */
export async function readProc(path: string): Promise<string> {
  try {
    return await readFile(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

async function statusNumber(pid: number, field: string): Promise<number | undefined> {
  const match = new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(await readProc(`${pid}/status`));
  return match ? Number(match[1]) : undefined;
}
