/** The window with VS Code's own settings while a real debugger stands at a breakpoint: nothing need be arranged first. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import { ensureDelve } from "../../scripts/go.ts";
import { root } from "../../scripts/paths.mjs";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { freePort } from "../free-port.ts";
import { openWindow, type OpenWindow } from "./open-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = process.env["TINYTAP_NO_PROBES"] ?? (await whyNoWindow()) ?? false;

/** As VS Code has them; the tests' other windows have less on screen. */
const settings = { "debug.toolBarLocation": "floating", "window.commandCenter": true };
/** Of the handler of /api/hello. */
const line = 51;

describe("at a breakpoint, with default settings", { skip }, () => {
  let folder: string;
  let address: string;
  let window: OpenWindow;
  let page: Page;
  let workbench: WorkbenchPage;
  let clients: Promise<void>[] = [];
  let isBusy = true;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-breakpoint-"));
    const workspace = join(folder, "examples");
    cpSync(join(root, "examples"), workspace, { recursive: true });
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const launch = join(workspace, ".vscode/launch.json");
    const { configurations } = JSON.parse(readFileSync(launch, "utf8")) as { configurations: object[] };
    const server = { ...configurations[0], env: { PORT: String(port) } };
    writeFileSync(launch, JSON.stringify({ configurations: [server] }));
    const others = [join(root, "test/vscode/go-debug")];
    const env = await ensureDelve();
    window = await openWindow("breakpoint", { workspace, extension: root, others, settings, env });
    ({ page, workbench } = window);
  });

  after(async () => {
    isBusy = false;
    await window.close();
    await Promise.all(clients);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Asks again and again, also while nobody answers. */
  async function ask(path: string): Promise<void> {
    for (; isBusy; await sleep(50)) await get(path).catch(() => {});
  }

  async function get(path: string): Promise<Buffer> {
    return Buffer.from(await (await fetch(address + path)).arrayBuffer());
  }

  /** Whether the debugger stands at a line of what is open. */
  async function isAt(wanted: number): Promise<boolean> {
    const top = async (locator: Locator) => (await locator.boundingBox())?.y;
    const stop = page.locator(".debug-top-stack-frame-line").first();
    await stop.waitFor();
    const number = page.locator(".line-numbers").getByText(String(wanted), { exact: true });
    return (await top(stop)) === (await top(number));
  }

  test("the stop brings the list into sight, and in it the request that stands", async () => {
    await workbench.openFile(`main.go:${line}`);
    await page.keyboard.press("F9");
    await page.keyboard.press("F5");
    const isUp = () =>
      get("/files/none").then(
        () => true,
        () => false,
      );
    while (!(await isUp())) await sleep(100);
    clients = ["/files/tides.txt", "/files/drop.png", "/files/none"].map(ask);
    await page.locator(".statusbar-item", { hasText: /Tinytap \d\d/ }).waitFor();
    clients.push(get("/api/hello").then(() => {}));
    assert.ok(await isAt(line));
    const standing = workbench.rows("GET /api/hello");
    await standing.waitFor();
    assert.match((await standing.textContent()) ?? "", /in flight/);
    await window.screenshot("breakpoint-stop");
  });

  test("its exchange opens beside the code, and no step opens a source over it", async () => {
    await workbench.rows("GET /api/hello").click();
    await workbench.panel.locator("h1").getByText("/api/hello").waitFor();
    assert.deepEqual(await workbench.tabs(), [["main.go"], ["GET /api/hello"]]);
    // Not by what Delve calls the program.
    await workbench.panel.locator("details.provenance").getByText("Go file server, server").waitFor();
    for (const theme of ["Dark Modern", "Light Modern", "Dark High Contrast"]) {
      await workbench.theme(theme);
      await window.screenshot(`breakpoint-${theme}`);
    }
    // So that its group is the active one, into which VS Code would open.
    await workbench.panel.locator("h1").click();
    for (let steps = 0; !(await isAt(line + 2)); steps++) {
      assert.ok(steps < 5, "the debugger doesn't step through the call");
      await page.keyboard.press("F10");
      // There is nothing that tells one stop from the one before but its place, which may be the same.
      await page.waitForTimeout(700);
    }
    await workbench.panel.locator("h1").click();
    await page.keyboard.press("F11");
    await page.locator(".tab", { hasText: "time.go" }).waitFor();
    assert.deepEqual(await workbench.tabs(), [["main.go", "time.go"], ["GET /api/hello"]]);
    await window.screenshot("breakpoint-stepped");
  });

  test("continued, it has its response where one looks", async () => {
    await page.keyboard.press("F5");
    await workbench.panel.locator(".outcome").getByText("OK").waitFor();
    await workbench.panel.locator("#panel-response").getByText('"hello, node"').waitFor();
    await window.screenshot("breakpoint-continued");
  });
});
