/** The demo's window: VS Code itself where there is a display and its site can be reached, else in a browser. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sizeText } from "../../protocol/format.ts";
import { launchBrowser } from "../browser.ts";
import { ensureCodeServer, startCodeServer } from "../code-server.ts";
import { startDesktop } from "../desktop.ts";
import { root } from "../paths.mjs";
import { say, SetupError } from "../progress.mjs";
import { WorkbenchPage } from "../workbench-page.ts";
import { show, showOn, type Event } from "./events.ts";

const setting = {
  workspace: join(root, "examples"),
  extension: root,
  others: [join(root, "test/vscode/go-debug"), join(root, "scripts/demo-extension")],
};

/** Whoever asks for a password finds somebody there. */
export function hasDisplay(): boolean {
  return Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}

export async function runOnDesktop(
  vscode: string,
  env: NodeJS.ProcessEnv,
  events: AsyncGenerator<Event>,
): Promise<void> {
  const window = startDesktop(vscode, { ...setting, env });
  await Promise.race([window.closed, show(events)]);
  say("VS Code is yours: close its window to end the demo");
  await Promise.race([window.closed, showOn(events)]);
}

/** Checks the panel and takes its picture; then, unless `check`, leaves the window to the user until a signal comes. */
export async function runInBrowser(
  env: NodeJS.ProcessEnv,
  events: AsyncGenerator<Event>,
  { check, screenshot }: { check: boolean; screenshot: string },
): Promise<void> {
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
    if (check) return;
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
