/**
 * `npm run demo [-- --check] [--vm] [--screenshot FILE]`: VS Code on examples/, the Go file server under the debugger,
 * requests, and one of their bodies. Where this machine's kernel lets nobody watch, or with `--vm`, the server runs in
 * an emulated machine, and the window shows the recording that the command line made there. `--check` verifies by hash
 * that the panel's bodies are the files, and exits 0 or 1.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { atEnd } from "./at-end.mjs";
import { tail } from "./demo/events.ts";
import { record } from "./demo/recording.ts";
import { refusal } from "./demo/refusal.ts";
import { hasDisplay, runInBrowser, runOnDesktop } from "./demo/window.ts";
import { findDesktop } from "./desktop.ts";
import { ensureDelve } from "./go.ts";
import { dist } from "./paths.mjs";
import { say, script } from "./progress.mjs";

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    vm: { type: "boolean", default: false },
    screenshot: { type: "string" },
  },
});
const screenshot = resolve(options.screenshot ?? join(dist, "demo.png"));

await script(async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-demo-"));
  const remove = atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  try {
    const file = join(folder, "events");
    writeFileSync(file, "");
    const onScreen = hasDisplay() && !options.check;
    const env = { ...(await stage(folder, onScreen)), TINYTAP_DEMO_EVENTS: file };
    const events = tail(file);
    const vscode = onScreen ? await findDesktop() : undefined;
    if (vscode === undefined) await runInBrowser(env, events, { check: options.check, screenshot });
    else await runOnDesktop(vscode, env, events);
  } finally {
    await remove();
  }
});

/** What is to be seen, as the environment tells it to the demo's extension: a program to debug, or a recording. */
async function stage(folder: string, onScreen: boolean): Promise<NodeJS.ProcessEnv> {
  const why = options.vm ? undefined : refusal(onScreen);
  if (!options.vm && why === undefined) return ensureDelve();
  if (why !== undefined)
    say(`nothing can be captured on this machine, so the demo's server runs in an emulated one. ${why}`);
  return { ...process.env, TINYTAP_DEMO_RECORDING: await record(folder) };
}
