/** Where the detail panels stand in the real window: beside the code, where they were left, and kept open. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { openStandInWindow, type StandInWindow } from "./stand-in-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;

describe("the detail panels' places", { skip }, () => {
  let window: StandInWindow;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    window = await openStandInWindow("panels");
    ({ page, workbench } = window);
    await capture();
  });

  after(() => window.close());

  async function capture(): Promise<void> {
    await window.startCapture();
    const exchanges = ["/a", "/b", "/c"].map((target) => ({ line: `GET ${target}`, status: 200 }));
    await window.standIns.run({ do: "exchange", exchanges });
  }

  /** Opens it by its row, and waits until the groups of editors have these tabs. */
  async function open(target: string, wanted: string[][]): Promise<void> {
    await workbench.rows(`GET ${target}`).click();
    await workbench.tab(`GET ${target}`).waitFor();
    await tabs(wanted);
  }

  async function tabs(wanted: string[][]): Promise<void> {
    const now = async () => JSON.stringify(await workbench.tabs());
    for (let tries = 0; tries < 100 && (await now()) !== JSON.stringify(wanted); tries++)
      await page.waitForTimeout(50);
    assert.deepEqual(await workbench.tabs(), wanted);
  }

  async function close(title: string): Promise<void> {
    await workbench.tab(title).click();
    await workbench.command("View: Close Editor");
    await workbench.tab(title).waitFor({ state: "detached" });
  }

  test("with no code to stand beside it has the window; code that is opened moves it aside", async () => {
    await open("/a", [["GET /a"]]);
    await workbench.openFile("server.mjs");
    await tabs([["server.mjs"], ["GET /a"]]);
  });

  test("one panel follows the selection, beside the code, where it is locked against other editors", async () => {
    await open("/b", [["server.mjs"], ["GET /b"]]);
    await workbench.panel.locator("h1").click();
    await workbench.openFile("main.go");
    await tabs([["server.mjs", "main.go"], ["GET /b"]]);
    await close("GET /b");
    await open("/a", [["server.mjs", "main.go"], ["GET /a"]]);
  });

  test("kept open it stays, and the next exchange gets a panel of its own", async () => {
    await workbench.panel.locator("h1").click();
    await page.locator(".editor-actions").getByRole("button", { name: "Keep Open" }).click();
    await open("/b", [
      ["server.mjs", "main.go"],
      ["GET /a", "GET /b"],
    ]);
    await open("/c", [
      ["server.mjs", "main.go"],
      ["GET /a", "GET /c"],
    ]);
    await window.screenshot("panels-kept");
    await close("GET /a");
  });

  test("left among the code, that is where it opens again, also after a reload", async () => {
    await workbench.tab("GET /c").click();
    await workbench.command("View: Move Editor into Left Group");
    await tabs([["server.mjs", "main.go", "GET /c"]]);
    await close("GET /c");
    await open("/a", [["server.mjs", "main.go", "GET /a"]]);
    // Not the browser's: that gives VS Code no time to write down how its editors stand.
    await workbench.command("Developer: Reload Window");
    await workbench.panel.getByText("This window was reloaded").waitFor();
    await window.screenshot("panels-reloaded");
    await close("GET /a");
    await capture();
    await open("/b", [["server.mjs", "main.go", "GET /b"]]);
  });

  test("moved aside again it has a group of its own from then on", async () => {
    await workbench.command("View: Move Editor into Right Group");
    await tabs([["server.mjs", "main.go"], ["GET /b"]]);
    await close("GET /b");
    await open("/c", [["server.mjs", "main.go"], ["GET /c"]]);
  });
});
