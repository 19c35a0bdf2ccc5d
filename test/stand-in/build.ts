import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../scripts/paths.mjs";

/**
 * Bundles the stand-in, and the thread by which it searches, into `folder`, whose path must be short (a Unix socket will
 * lie there too). Gives its file.
 */
export async function buildStandIn(folder: string): Promise<string> {
  await build({
    entryPoints: {
      "stand-in": join(root, "test/stand-in/main.ts"),
      search: join(root, "helper/search/worker.ts"),
    },
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    sourcemap: "inline",
  });
  return join(folder, "stand-in.cjs");
}
