/** The helper of a capture, as root sees it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Capture } from "./capture.ts";

/** Its process id. */
export function helperOf(capture: Capture): number {
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find(
      (each) =>
        statusOf(each, "PPid") === capture.pid && read(`/proc/${each}/cmdline`).includes("helper.cjs"),
    );
  assert.ok(pid !== undefined, "the helper is not found");
  return pid;
}

/** How often the kernel skipped a program of its, spares counted like any other. */
export function skips(helper: number): number {
  const counts = readdirSync(`/proc/${helper}/fdinfo`).map((fd) =>
    Number(/^recursion_misses:\s*(\d+)$/m.exec(read(`/proc/${helper}/fdinfo/${fd}`))?.[1] ?? 0),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function statusOf(pid: number, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(read(`/proc/${pid}/status`))?.[1]);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
