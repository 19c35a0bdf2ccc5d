/** What a process holds in the kernel, and what is left there: by bpftool. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { ensurePackages, which } from "../../scripts/packages.mjs";

export async function ensureBpftool(): Promise<void> {
  await ensurePackages([
    {
      package: "bpftool",
      why: "shows what is left in the kernel",
      present: () => spawnSync(bpftool(), ["version"]).status === 0,
    },
  ]);
}

/** Numbers of the links and programs that a process holds in the kernel. */
export function held(pid: number): { links: string[]; programs: string[] } {
  const found = { links: new Set<string>(), programs: new Set<string>() };
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8");
    const [link, program] = [/^link_id:\s*(\d+)/m.exec(info)?.[1], /^prog_id:\s*(\d+)/m.exec(info)?.[1]];
    if (link !== undefined) found.links.add(link);
    if (program !== undefined) found.programs.add(program);
  }
  return { links: [...found.links], programs: [...found.programs] };
}

export function exists(kind: "link" | "prog", id: string): boolean {
  return spawnSync(bpftool(), [kind, "show", "id", id]).status === 0;
}

/** Debian has it where a user's PATH doesn't look. */
function bpftool(): string {
  return which("bpftool") ?? "/usr/sbin/bpftool";
}
