/**
 * `npm run package`: makes `tinytap.vsix`, one for every system, and `tinytap-VERSION-linux-x64.tar.gz`, the command line, which
 * runs on any Node ≥ 20. The same sources and tools give the same bytes.
 */
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { sizeText } from "../protocol/format.ts";
import { atMost, neededGlibc } from "./package/glibc.ts";
import { packCommandLine, packExtension } from "./package/pack.ts";
import { stage } from "./package/stage.ts";
import { dist, root } from "./paths.mjs";
import { say, script, step } from "./progress.mjs";

await script(async () => {
  const staged = await step("bundling for a release", () => stage(join(dist, "package")));
  const vsix = join(root, "tinytap.vsix");
  const tarball = join(root, `${staged.name}.tar.gz`);
  await step("packing the extension", () => packExtension(staged.extension, vsix));
  await step("packing the command line", () => packCommandLine(staged.commandLine, tarball));
  for (const file of [vsix, tarball]) say(`${relative(root, file)}: ${sizeText(statSync(file).size)}`);
  const needed = await neededGlibc(join(staged.commandLine, "tinytap.node"));
  say(`they capture where glibc is ${needed} or newer`);
  if (!atMost(needed, "2.34"))
    say("which is more than the README promises: build on Debian 12 what is to be given away");
});
