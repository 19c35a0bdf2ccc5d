/** Whether this machine lets the demo watch a program: asked before anything is fetched for it. */
import { spawnSync } from "node:child_process";
import { whyNoCapture } from "../../client/helper.ts";
import { refusalText } from "../../protocol/refusal.ts";
import type { StartErrorCode } from "../../protocol/rpc.ts";
import { dist } from "../paths.mjs";

/** What only another machine helps against; of the others the demo itself shall complain. */
const final: StartErrorCode[] = ["no-root", "no-btf", "no-kernel-support"];

/**
 * Why nothing can be captured here, in words; undefined where something can, and where a person will be asked for a
 * password (`canAsk`).
 */
export async function refusal(canAsk: boolean): Promise<string | undefined> {
  const isRoot = process.getuid?.() === 0 || spawnSync("sudo", ["-n", "true"]).status === 0;
  if (!isRoot && canAsk) return undefined;
  const failure = await whyNoCapture({ node: process.execPath, directory: dist });
  if (failure === undefined || !final.includes(failure.code)) return undefined;
  return failure.refusal === undefined ? failure.message : refusalText(failure.refusal);
}
