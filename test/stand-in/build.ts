import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../scripts/paths.mjs";

/** Bundles the stand-in into `folder`, whose path must be short (a Unix socket will lie there too). Gives its file. */
export async function buildStandIn(folder: string): Promise<string> {
  const outfile = join(folder, "stand-in.cjs");
  await build({
    entryPoints: [join(root, "test/stand-in/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    sourcemap: "inline",
  });
  return outfile;
}
