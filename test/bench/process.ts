/** What a process has used. */
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100;

export interface Usage {
  cpuSeconds: number;
  rssMiB: number;
  /** Its peak. */
  maxRssMiB: number;
}

/** Undefined when it is gone. */
export function usage(pid: number): Usage | undefined {
  const status = read(`/proc/${pid}/status`);
  const mebibytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
  const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  const result = { cpuSeconds, rssMiB: mebibytes("VmRSS"), maxRssMiB: mebibytes("VmHWM") };
  // A process that is ending has no memory any more.
  return Object.values(result).some(Number.isNaN) ? undefined : result;
}

/** The helper that a process has started, itself or by sudo. */
export function helperOf(pid: number): number | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((each) => /\bhelper\.cjs\b/.test(read(`/proc/${each}/cmdline`)) && descendsFrom(each, pid));
}

function descendsFrom(pid: number, ancestor: number): boolean {
  for (let each = pid; each > 1; each = parentOf(each)) if (each === ancestor) return true;
  return false;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
