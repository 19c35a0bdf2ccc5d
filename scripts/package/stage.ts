/** Lays out what is packed: everything in these folders is in the packages, and nothing else. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { bundle, bundled } from "../build.mjs";
import { dist, root } from "../paths.mjs";
import { run } from "../progress.mjs";
import { notices } from "./notices.ts";

export interface Staged {
  /** `tinytap-VERSION-linux-x64`. */
  name: string;
  /** The folder that becomes the VSIX. */
  extension: string;
  /** The folder that becomes the tarball; it runs as it lies there. */
  commandLine: string;
}

interface Manifest {
  name: string;
  version: string;
  engines: { vscode: string };
}

/** What both are made of: the helper, the addon and the BPF objects. */
const helperBundles = ["root.cjs", "helper.cjs", "digests.cjs", "search.cjs"];
const commandLineBundles = ["cli.cjs", ...helperBundles];
const extensionBundles = Object.keys(bundled).filter((name) => name !== "cli.cjs");

/** Into `folder`, which it empties. dist/ must have been built. */
export async function stage(folder: string): Promise<Staged> {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const name = `tinytap-${manifest.version}-linux-x64`;
  const extension = join(folder, "extension");
  const commandLine = join(folder, name);
  rmSync(folder, { recursive: true, force: true });
  await fill(join(extension, "dist"), extensionBundles, extension);
  await fill(commandLine, commandLineBundles, commandLine);

  writeFileSync(join(extension, "package.json"), JSON.stringify(published(manifest), null, 2) + "\n");
  writeFileSync(join(extension, "README.md"), publishedReadme(readFileSync(join(root, "README.md"), "utf8")));
  for (const file of ["CHANGELOG.md", "media/icon.png", "media/tinytap.svg"]) {
    mkdirSync(dirname(join(extension, file)), { recursive: true });
    copyFileSync(join(root, file), join(extension, file));
  }
  cpSync(join(root, "media/walkthrough"), join(extension, "media/walkthrough"), { recursive: true });
  // vsce wants to be told what stays out: nothing of this folder does.
  writeFileSync(join(extension, ".vscodeignore"), "");
  writeFileSync(join(commandLine, "tinytap"), launcher);
  evenModes(folder);
  chmodSync(join(commandLine, "tinytap"), 0o755);
  return { name, extension, commandLine };
}

/** Bundles, addon, BPF objects into `folder`; license and notices into `top`. */
async function fill(folder: string, bundles: string[], top: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const inputs = await Promise.all(bundles.map((output) => bundle(output, folder, "release")));
  for (const name of readdirSync(dist).filter((name) => name.endsWith(".bpf.o")))
    copyFileSync(join(dist, name), join(folder, name));
  await run("strip", ["--strip-all", "-o", join(folder, "tinytap.node"), join(dist, "tinytap.node")]);
  copyFileSync(join(root, "LICENSE"), join(top, "LICENSE.txt"));
  cpSync(join(root, "licenses"), join(top, "licenses"), { recursive: true });
  writeFileSync(join(top, "NOTICES.md"), notices(inputs.flat()));
}

/** Without what only a clone can use. */
function published(manifest: Manifest): object {
  const clone = ["private", "type", "scripts", "devDependencies"];
  const entries = Object.entries(manifest).filter(([key]) => !clone.includes(key));
  return { ...Object.fromEntries(entries), engines: { vscode: manifest.engines.vscode } };
}

/** Without the picture, which VS Code doesn't find in an installed extension, and without what only a clone can do. */
function publishedReadme(text: string): string {
  return text
    .replace(/^!\[.*\n\n/m, "")
    .replace(/^## Try it\n[\s\S]*?(?=^## )/m, "")
    .replace(/\n`ARCHITECTURE\.md`[\s\S]*$/, "");
}

const launcher = `#!/bin/sh
# tinytap, on the Node of PATH.
here=$(dirname -- "$(readlink -f -- "$0")")
exec node "$here/cli.cjs" "$@"
`;

/** Whatever the umask was. */
function evenModes(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
