/** Whether this machine lets the demo watch a program: asked before anything is fetched for it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { StartError, StartErrorCode } from "../../protocol/rpc.ts";
import { dist } from "../paths.mjs";

/** What only another machine helps against; of the others the demo itself shall complain. */
const final: StartErrorCode[] = ["no-root", "no-btf", "no-kernel-support"];

/**
 * Why nothing can be captured here, in a sentence; undefined where something can, and where a person will be asked for a
 * password (`canAsk`), which is asked for once.
 */
export function refusal(canAsk: boolean): string | undefined {
  const isRoot = process.getuid?.() === 0 || spawnSync("sudo", ["-n", "true"]).status === 0;
  if (!isRoot && canAsk) return undefined;
  const doctor = [join(dist, "cli.cjs"), "doctor", "--json"];
  const { stdout } = spawnSync(process.execPath, doctor, { encoding: "utf8" });
  const { error }: { error?: StartError } = JSON.parse(stdout);
  return error !== undefined && final.includes(error.code) ? error.message : undefined;
}
