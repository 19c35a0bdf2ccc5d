/** A body in the real window, of which bytes are missing: gone to by key, found in, saved, opened as a file. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { openStandInWindow, type StandInWindow } from "./stand-in-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;

describe("a body with a gap, in the window", { skip }, () => {
  let window: StandInWindow;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    window = await openStandInWindow("bodies");
    ({ page, workbench } = window);
    mkdirSync(join(window.home, "Downloads"));
    await window.startCapture();
    const exchanges = [
      { line: "GET /notes.txt?page=2", status: 200, type: "text/plain", size: 1500, lostFrom: 500 },
    ];
    await window.standIns.run({ do: "exchange", exchanges });
    await workbench.rows("GET /notes.txt").click();
    await workbench.panel.locator(".outcome").getByText("1.0 kB lost").waitFor();
  });

  after(() => window.close());

  /** Whatever a test that failed has left open. */
  beforeEach(async () => {
    for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
  });

  /** Saves by the palette, with that choice, and gives the file. */
  async function save(choice: string, name: string): Promise<Buffer> {
    const path = join(window.home, "Downloads", name);
    await workbench.command("Tinytap: Save Body…");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: choice }).first().click();
    await page.locator(".quick-input-widget .quick-input-title", { hasText: "Save Body" }).waitFor();
    await workbench.answerDialog(path);
    for (let tries = 0; tries < 100; tries++) {
      try {
        return readFileSync(path);
      } catch {
        await page.waitForTimeout(100); // it isn't there yet
      }
    }
    return assert.fail(`${name} was not saved`);
  }

  test("F8, Ctrl+F, F3 and Escape are the page's while it has the keyboard", async () => {
    await workbench.panel.locator("pre.text").click();
    await page.keyboard.press("F8");
    await workbench.panel
      .locator(".body > .said")
      .getByText("1 of 1: bytes 500–1,499 missing (1.0 kB)")
      .waitFor();
    await page.keyboard.press("Control+f");
    await page.keyboard.type("no such text");
    await workbench.panel.locator(".find .said").getByText("No matches").first().waitFor();
    await window.screenshot("body-find");
    await page.keyboard.press("Escape");
    await workbench.panel.locator(".find:visible").waitFor({ state: "hidden" });
  });

  test("saved with zeros where bytes are missing, and without them", async () => {
    const zeros = await save("Zeros in their place", "zeros.txt");
    assert.deepEqual([zeros.length, zeros.subarray(500)], [1500, Buffer.alloc(1000)]);
    const held = await save("Leave them out", "held.txt");
    assert.deepEqual(held, zeros.subarray(0, 500));
  });

  test("opened from the panel's title and from a row's menu: a file that names what is missing", async () => {
    await page
      .locator(".editor-actions")
      .getByRole("button", { name: "Open Body in Editor" })
      .first()
      .click();
    const tab = page.locator(".tab", { hasText: "notes.txt" }).filter({ hasNotText: "GET" });
    await tab.waitFor();
    await page
      .locator(".view-line", { hasText: /bytes\s500–1,499\smissing/ })
      .first()
      .waitFor();
    await window.screenshot("body-in-editor");
    await workbench.command("View: Close Editor");
    await tab.waitFor({ state: "detached" });
    await workbench.choose(workbench.rows("GET /notes.txt"), "Open Body in Editor");
    await tab.waitFor();
  });
});
