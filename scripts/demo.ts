/**
 * `npm run demo [-- --check] [--screenshot FILE]`: VS Code on examples/, the Go file server under the debugger, requests,
 * and one of their bodies. `--check` verifies by hash that the panel's bodies are the files, and exits 0 or 1.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ExchangeSummary } from "../protocol/exchange.ts";
import { durationText, sizeText } from "../protocol/format.ts";
import { atEnd } from "./at-end.mjs";
import { launchBrowser } from "./browser.ts";
import { ensureCodeServer, startCodeServer } from "./code-server.ts";
import { findDesktop, startDesktop } from "./desktop.ts";
import { ensureGo } from "./go.ts";
import { dist, root } from "./paths.mjs";
import { say, script, SetupError } from "./progress.mjs";
import { WorkbenchPage } from "./workbench-page.ts";

type Event = { step: string } | { exchange: ExchangeSummary } | { done: string } | { failed: string };

const { values: options } = parseArgs({
  options: { check: { type: "boolean", default: false }, screenshot: { type: "string" } },
});
const screenshot = resolve(options.screenshot ?? join(dist, "demo.png"));
const setting = {
  workspace: join(root, "examples"),
  extension: root,
  others: [join(root, "test/vscode/go-debug"), join(root, "scripts/demo-extension")],
};

await script(async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-demo-"));
  const remove = atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  try {
    const file = join(folder, "events");
    writeFileSync(file, "");
    const env = { ...(await ensureGo()), TINYTAP_DEMO_EVENTS: file };
    const events = tail(file);
    const vscode = options.check || !hasDisplay() ? undefined : await findDesktop();
    if (vscode === undefined) await runInBrowser(env, events);
    else await runOnDesktop(vscode, env, events);
  } finally {
    await remove();
  }
});

async function runOnDesktop(
  vscode: string,
  env: NodeJS.ProcessEnv,
  events: AsyncGenerator<Event>,
): Promise<void> {
  const window = startDesktop(vscode, { ...setting, env });
  await Promise.race([window.closed, show(events)]);
  say("VS Code is yours: close its window to end the demo");
  await Promise.race([window.closed, showOn(events)]);
}

async function runInBrowser(env: NodeJS.ProcessEnv, events: AsyncGenerator<Event>): Promise<void> {
  await ensureCodeServer();
  const server = await startCodeServer({ ...setting, env });
  try {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    try {
      const workbench = new WorkbenchPage(page);
      say("opening VS Code in a browser without a window");
      await workbench.open(server.url());
      await show(events);
      await checkPanel(workbench);
    } finally {
      mkdirSync(dirname(screenshot), { recursive: true });
      await page.screenshot({ path: screenshot });
      say(`screenshot: ${screenshot}`);
      await browser.close();
    }
    if (options.check) return;
    say(`now see it live, in a browser on this machine: ${server.url()}`);
    say("the demo runs again in each window; Ctrl-C ends it");
    process.exitCode = 0;
    await showOn(events);
  } finally {
    await server.close();
  }
}

/** Opens both files by their rows, the text last, and compares what the panel holds with the files, by hash. */
async function checkPanel(workbench: WorkbenchPage): Promise<void> {
  for (const name of ["large.bin", "tides.txt"]) {
    const file = readFileSync(join(setting.workspace, "go-files/files", name));
    const wanted = createHash("sha256").update(file).digest("hex");
    await workbench.rows(`/files/${name}`).first().click();
    const { digest, text, extents } = workbench.response(`/files/${name}`);
    const shown = await digest.filter({ hasText: "SHA-256" }).textContent();
    if (shown !== `SHA-256 ${wanted}`)
      throw new SetupError(`${name}: the panel shows ${shown}; the file has ${wanted}`);
    if (name.endsWith(".txt") && (await text.textContent()) !== file.toString())
      throw new SetupError(`${name}: the panel's text is not the file's`);
    const sources = (await extents.locator("td:last-child").allTextContents()).join(" and ");
    say(
      `${name}: the panel's body is the file (${sizeText(file.length)}, by ${sources}, SHA-256 ${wanted.slice(0, 16)}…)`,
    );
  }
}

/** The events in the file, those to come included. */
async function* tail(file: string): AsyncGenerator<Event> {
  for (let taken = 0; ; await sleep(100)) {
    const text = readFileSync(file, "utf8");
    const whole = text.slice(taken, text.lastIndexOf("\n") + 1);
    taken += whole.length;
    for (const line of whole.split("\n")) if (line !== "") yield JSON.parse(line);
  }
}

/** Prints what happens until VS Code shows the body. */
async function show(events: AsyncGenerator<Event>): Promise<void> {
  console.log(row("METHOD", "TARGET", "STATUS", "SIZE", "TIME", "PROCESS"));
  for (;;) {
    const next = await Promise.race([events.next(), sleep(180_000, undefined, { ref: false })]);
    if (next === undefined) throw new SetupError("nothing happened for 3 minutes");
    print(next.value);
    if ("failed" in next.value) throw new SetupError(next.value.failed);
    if ("done" in next.value) return;
  }
}

/** Goes on printing what happens in the user's window. */
async function showOn(events: AsyncGenerator<Event>): Promise<void> {
  for await (const event of events) print(event);
}

function print(event: Event): void {
  if ("step" in event) say(event.step);
  else if ("exchange" in event) console.log(rowOf(event.exchange));
  else if ("failed" in event) say(event.failed);
}

function rowOf({
  method,
  target,
  status,
  size,
  duration,
  process,
  pid,
  incomplete,
}: ExchangeSummary): string {
  const time = duration === undefined ? "" : durationText(duration);
  const length = sizeText(size) + (incomplete ? " (gaps)" : "");
  return row(method ?? "?", target ?? "?", String(status ?? "?"), length, time, `${process}[${pid}]`);
}

function row(
  method: string,
  target: string,
  status: string,
  size: string,
  time: string,
  process: string,
): string {
  return [
    method.padEnd(6),
    target.padEnd(24),
    status.padEnd(6),
    size.padStart(9),
    time.padStart(9),
    ` ${process}`,
  ].join(" ");
}

function hasDisplay(): boolean {
  return Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}
