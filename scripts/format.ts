/** `npm run format`: puts every source into the one format. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";

const sources = globSync("{bpf,native}/*.{c,h,cc}", { cwd: root });
for (const [command, args] of [
  [join(root, "node_modules/.bin/prettier"), ["--write", "--log-level=warn", "."]],
  ["clang-format", ["-i", ...sources]],
] as const) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exitCode = 1;
}
