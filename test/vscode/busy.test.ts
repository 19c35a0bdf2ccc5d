/** The window under traffic, which a stand-in helper makes: what is shown is live, and what a person does there holds. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
import { StandIns } from "../stand-in/stand-ins.ts";
import { RowClock } from "./row-clock.ts";

/** Seconds of traffic for each measurement. */
const seconds = Number(process.env["TINYTAP_BUSY_SECONDS"] ?? 6);
/** Milliseconds from a response's end to its row on screen, for 95 of 100. */
const live = 500;

const skip = (await findDesktop()) === undefined ? false : "the window is driven in code-server's build only";

describe("the window under traffic", { skip }, () => {
  let folder: string;
  let standIns: StandIns;
  let server: Server;
  let browser: Browser;
  let page: Page;
  let workbench: WorkbenchPage;
  /** Stands for the watched program. */
  const listener = createServer();

  before(async () => {
    await ensureCodeServer();
    folder = mkdtempSync(join(tmpdir(), "tinytap-busy-"));
    cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
    const env = { ...process.env, TINYTAP_STAND_IN: await buildStandIn(folder) };
    standIns = new StandIns(folder);
    server = await startCodeServer({ workspace: join(folder, "examples"), extension: root, others: [], env });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(20_000);
    workbench = new WorkbenchPage(page);
    await workbench.open(server.url());
    await once(listener.listen(0, "127.0.0.1"), "listening");
    await startCapture();
  });

  after(async () => {
    mkdirSync(join(dist, "test"), { recursive: true });
    await page.screenshot({ path: join(dist, "test/busy.png") });
    await browser.close();
    await server.close();
    listener.close();
    standIns.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function startCapture(): Promise<void> {
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await workbench.command("Tinytap: Start Capture");
    const pick = page.locator(".quick-input-list .monaco-list-row", { hasText: String(process.pid) });
    await pick.first().click();
    await page.getByText("Capturing. The requests").waitFor();
  }

  for (const rate of [20, 1000])
    test(`at ${rate} a second a row is on screen within ${live} ms of its response's end, 95 of 100`, async (t) => {
      const clock = new RowClock(page);
      await clock.start();
      await standIns.run({ do: "traffic", rate, seconds, sizes: [200, 2000, 20_000] });
      await sleep(1500);
      const { ages, newest } = await clock.stop();
      const p95 = ages.toSorted((a, b) => a - b)[Math.floor(ages.length * 0.95)];
      t.diagnostic(`${ages.length} rows were seen, 95 of 100 within ${p95} ms`);
      assert.equal(newest, rate * seconds - 1, "the last one is among them");
      // At a high rate most rows have gone again before the eye could meet them.
      assert.ok(
        ages.length >= Math.min(rate * seconds * 0.95, 20 * seconds),
        `${ages.length} rows were seen`,
      );
      assert.ok(p95 !== undefined && p95 < live, `${p95} ms`);
    });

  test("another view that is chosen under traffic stays open", async () => {
    const traffic = standIns.run({ do: "traffic", rate: 20, seconds: 60 });
    await workbench.rows("GET /traffic/").first().waitFor();
    await page
      .locator(".activitybar")
      .getByRole("tab", { name: /Explorer/ })
      .click();
    const explorer = page.locator(".pane-header", { hasText: "examples" });
    await explorer.waitFor();
    await sleep(3000);
    assert.ok(await explorer.isVisible());
    assert.equal(await workbench.rows("GET /traffic/").count(), 0);
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await workbench.rows("GET /traffic/").first().waitFor();
    await standIns.run({ do: "stop" });
    await traffic;
  });
});
