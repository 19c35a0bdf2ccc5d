/** How often the kernel skipped a program, as another run of it was under way on that processor: see bpf/spares.h. */
import { readFileSync } from "node:fs";
import type { LoadedProgram } from "./addon.ts";

/** Events that may have gone unseen: a program and each of its spares were skipped so often, at the least. */
export function skipped(programs: readonly LoadedProgram[], misses = recursionMisses): number {
  const least = new Map<string, number>();
  for (const { name, fd } of programs) {
    const [program = name] = name.split("_spare_");
    least.set(program, Math.min(least.get(program) ?? Infinity, misses(fd)));
  }
  return [...least.values()].reduce((sum, count) => sum + count, 0);
}

/** The kernel counts them from 5.12 on; before 5.14 a process that nobody may trace can't read it, not even of itself. */
function recursionMisses(fd: number): number {
  try {
    const count = /^recursion_misses:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    return Number(count ?? 0);
  } catch {
    return 0;
  }
}
