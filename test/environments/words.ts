/** What is said in an environment: by the doctor, and by the first line of `npm test`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { dist, root } from "../../scripts/paths.mjs";
import type { Environment } from "./environments.ts";

/** All its output. */
export function doctorSays(environment: Environment): Promise<string> {
  return saidBy(environment, join(dist, "cli.cjs"), "doctor");
}

/** The answer to its first question, with which it ends here. */
export async function testSays(environment: Environment): Promise<string> {
  return (await saidBy(environment, join(root, "scripts/test.ts"), "--ask")).trimEnd();
}

async function saidBy({ prefix }: Environment, ...args: string[]): Promise<string> {
  const [command = "", ...rest] = [...prefix, process.execPath, ...args];
  const child = spawn(command, rest, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    // unshare(1) is deaf to others.
    ...({ timeout: 20_000, killSignal: "SIGKILL" } as const),
  });
  const [said] = await Promise.all([text(child.stdout), once(child, "close")]);
  return said;
}
