/** Prompts for a password, as a stand-in helper plays them: one for a window, none after a refusal, and none in silence. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../scripts/browser.ts";
import { ensureCodeServer, startCodeServer, type Server } from "../../scripts/code-server.ts";
import { findDesktop } from "../../scripts/desktop.ts";
import { dist, root } from "../../scripts/paths.mjs";
import { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { buildStandIn } from "../stand-in/build.ts";
import type { Start } from "../stand-in/commands.ts";
import { StandIns } from "../stand-in/stand-ins.ts";

const skip = (await findDesktop()) === undefined ? false : "the window is driven in code-server's build only";

describe("prompts for root", { skip }, () => {
  let folder: string;
  let standIns: StandIns;
  let server: Server;
  let browser: Browser;
  let page: Page;
  let workbench: WorkbenchPage;
  let address: string;

  before(async () => {
    await ensureCodeServer();
    folder = mkdtempSync(join(tmpdir(), "tinytap-prompts-"));
    const workspace = join(folder, "examples");
    cpSync(join(root, "examples"), workspace, { recursive: true });
    address = `http://127.0.0.1:${await freePort()}`;
    const launch = {
      ...{ name: "API", type: "node", request: "launch" },
      program: "${workspaceFolder}/node-api/server.mjs",
      env: { PORT: new URL(address).port },
    };
    writeFileSync(join(workspace, ".vscode/launch.json"), JSON.stringify({ configurations: [launch] }));
    const standIn = { TINYTAP_STAND_IN: await buildStandIn(folder), TINYTAP_STAND_IN_PROMPTED: "1" };
    standIns = new StandIns(folder);
    const env = { ...process.env, ...standIn };
    server = await startCodeServer({ workspace, extension: root, others: [], env });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(20_000);
    workbench = new WorkbenchPage(page);
    await workbench.open(server.url());
  });

  after(async () => {
    mkdirSync(join(dist, "test"), { recursive: true });
    await page.screenshot({ path: join(dist, "test/prompts.png") });
    await browser.close();
    await server.close();
    standIns.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The status bar's item, by what a screen reader says of it. */
  const status = () =>
    page.locator("#tinytap\\.tinytap\\.tinytap, .statusbar-item", { hasText: "Tinytap" }).first();
  const icon = (name: string) => status().locator(`.codicon-${name}`);
  const messages = () => page.locator(".notifications-toasts .notification-list-item");

  /** Debugs, and ends it once the program has answered and `meanwhile` is done. Gives the milliseconds to the answer. */
  async function debugOnce(meanwhile: () => Promise<void> = async () => {}): Promise<number> {
    const began = Date.now();
    await workbench.command("Debug: Start Debugging");
    const seen = meanwhile();
    while (!(await up())) await sleep(100);
    const took = Date.now() - began;
    await seen;
    await workbench.command("Debug: Stop");
    while (await up()) await sleep(100);
    await sleep(1500);
    return took;
  }

  async function up(): Promise<boolean> {
    return fetch(`${address}/up`).then(
      () => true,
      () => false,
    );
  }

  test("a prompt that nobody answers holds a launch for some seconds, which says so meanwhile", async () => {
    let answer = (_how: Start): void => {};
    standIns.next = new Promise((resolve) => (answer = resolve));
    await debugOnce(() => messages().getByText("Debugging waits a few seconds").waitFor());
    await messages().getByText("Debugging waits a few seconds").waitFor({ state: "detached" });
    answer("refused");
    await icon("circle-slash").waitFor();
    assert.equal(standIns.starts, 1);
  });

  test("a refusal is a quiet sign in the status bar; no later launch asks again, in another window neither", async () => {
    standIns.next = "ready";
    await debugOnce();
    assert.deepEqual([standIns.starts, await messages().count()], [1, 0]);
    await page.reload();
    await workbench.open(server.url());
    await debugOnce();
    await icon("circle-slash").waitFor();
    assert.deepEqual([standIns.starts, await messages().count()], [1, 0]);
  });

  test("once it is allowed again, one prompt serves launch after launch, and the idle probes can be ended", async () => {
    await workbench.command("Tinytap: Capture When Debugging Again");
    for (let launch = 0; launch < 2; launch++) {
      await debugOnce(() => icon("record").waitFor());
      await icon("circle-filled").waitFor();
    }
    assert.equal(standIns.starts, 2);
    await workbench.command("Tinytap: Stop Capture");
    await icon("circle-outline").waitFor();
  });
});

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const bound = listener.address();
  listener.close();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return bound.port;
}
