/**
 * `npm run test:differential [-- traffic] [go-suite] [h2spec]`: the same traffic as Tinytap and as others see it, and a table
 * of where they differ, and why. Needs root, Go and tshark, which it installs; takes minutes.
 *
 *   traffic   HTTP/1 and HTTP/2 in clear of Node's clients and servers, with tshark
 *   go-suite  Go's own tests of net/http, with tshark
 *   h2spec    each case of h2spec against Go's server: an exchange, or named
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensurePackages, which } from "../../scripts/packages.mjs";
import { script, SetupError } from "../../scripts/progress.mjs";
import { watch } from "./capture.ts";
import { buildGoSuite, goSuite } from "./go-suite.ts";
import { prepareH2spec, runH2spec } from "./h2spec.ts";
import { report } from "./report.ts";
import { ensureTshark } from "./tshark.ts";

interface Part {
  /** What it takes is brought into the folder. */
  prepare(folder: string): Promise<void>;
  /** Gives whether all is as it should be. */
  run(folder: string): Promise<boolean>;
}

const workload = join(import.meta.dirname, "workload.ts");

const parts: Readonly<Record<string, Part>> = {
  traffic: {
    prepare: async () => {},
    run: async (folder) => report(await watch({ words: [process.execPath, workload] }, folder)),
  },
  "go-suite": {
    prepare: buildGoSuite,
    run: async (folder) => report(await watch(await goSuite(folder), folder)),
  },
  h2spec: { prepare: prepareH2spec, run: runH2spec },
};

/** In a network of our own, with nobody else's traffic. */
async function apart(args: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new SetupError("it needs root, for a network of its own");
  const words = [process.execPath, import.meta.filename, "--apart", ...args];
  const child = spawn("unshare", ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...words], {
    stdio: "inherit",
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) process.exitCode = 1;
}

await script(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { apart: { type: "string" } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(parts);
  const unknown = names.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0)
    throw new SetupError(`no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  if (values.apart !== undefined) {
    for (const name of names) {
      console.log(`\n${name}`);
      if (!(await parts[name]!.run(join(values.apart, name)))) process.exitCode = 1;
    }
    return;
  }
  await ensureTshark();
  const why = "raises the loopback interface of a network of its own";
  await ensurePackages([{ package: "iproute2", why, present: () => which("ip") !== undefined }]);
  const folder = mkdtempSync(join(tmpdir(), "tinytap-differential-"));
  try {
    for (const name of names) {
      mkdirSync(join(folder, name));
      await parts[name]!.prepare(join(folder, name));
    }
    await apart([folder, ...names]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
