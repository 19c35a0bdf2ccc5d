import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { dist } from "../../scripts/paths.mjs";
import { small } from "../kernel/harness/servers.ts";

/** Runs the command line to its end, 30 s at most, or minutes on an emulated processor. */
export function tinytap(...args: string[]): { code: number | null; out: string; words: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "cli.cjs"), ...args], {
    encoding: "utf8",
    timeout: small ? 200_000 : 30_000,
  });
  return { code: status, out: stdout, words: stderr };
}
