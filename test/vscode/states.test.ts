/** The tree in the real window: what it says where nothing is listed, and how keys go through it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import type { StandIns } from "../stand-in/stand-ins.ts";
import { openStandInWindow, type StandInWindow } from "./stand-in-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;

describe("the list's states and keys", { skip }, () => {
  let window: StandInWindow;
  let standIns: StandIns;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    window = await openStandInWindow("states");
    ({ standIns, page, workbench } = window);
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
  });

  after(() => window.close());

  const welcome = (text: string) => page.locator(".welcome-view").getByText(text).first().waitFor();
  const message = (text: string) =>
    page.locator(".tree-explorer-viewlet-tree-view .message").getByText(text).waitFor();
  const heading = (target: string) => workbench.panel.locator("h1").getByText(target).waitFor();

  test("before anything it says what Tinytap is for; a refused root is told where the list would be, with a way on", async () => {
    await welcome("See the HTTP requests of your program");
    await window.screenshot("states-ready");
    standIns.next = "no-root";
    await window.chooseProcess();
    await welcome("Root was refused, so nothing is captured.");
    await window.screenshot("states-no-root");
    standIns.next = "ready";
  });

  test("a capture without requests says what it watches and where that listens", async () => {
    await window.startCapture();
    await message(`(process ${process.pid})`);
    await message("It listens on port");
    await window.screenshot("states-capturing");
  });

  test("where the filter hides all the list says so, and by what", async () => {
    await standIns.run({ do: "exchange", exchanges: [{ line: "GET /only", status: 200 }] });
    await workbench.rows("GET /only").waitFor();
    await workbench.filter("path:/nothing");
    await message(
      "The one exchange doesn't pass the filter: path with /nothing. Clear the filter or change it.",
    );
    await window.screenshot("states-filtered");
    await workbench.command("Tinytap: Clear the Filter");
    await workbench.rows("GET /only").waitFor();
  });

  test("keys go through the rows: the exchange on which they rest is shown, Enter goes into it, a key leads back", async () => {
    const exchanges = Array.from({ length: 60 }, (_, i) => ({ line: `GET /n/${i + 1}`, status: 200 }));
    await standIns.run({ do: "exchange", exchanges });
    await workbench.rows("GET /n/60").first().click();
    await heading("/n/60");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowDown");
    await heading("/n/55");
    await page.keyboard.press("ArrowUp");
    await heading("/n/56");
    await page.keyboard.press("End");
    await heading("/only");
    await page.keyboard.press("Home");
    await heading("/n/60");
    await page.keyboard.press("PageDown");
    await heading(await focused());
    await page.keyboard.press("PageDown");
    await heading(await focused());
    assert.doesNotMatch(await focused(), /^\/n\/60$/);
    await window.screenshot("states-keys");
    await page.keyboard.press("Home");
    await heading("/n/60");
    await page.keyboard.press("Control+C");
    await page.keyboard.press("Enter");
    await page.waitForFunction("document.activeElement?.tagName === 'IFRAME'");
    await page.keyboard.press("Alt+ArrowLeft");
    await page.waitForFunction("document.activeElement?.closest('.pane-body') !== null");
    await page.keyboard.press("ArrowDown");
    await heading("/n/59");
    await page.keyboard.press("/");
    await page.locator(".quick-input-widget input").waitFor();
    await page.keyboard.type("path:/n/7");
    await page.keyboard.press("Enter");
    await workbench.rows("GET /n/59").waitFor({ state: "detached" });
    await workbench.command("Tinytap: Clear the Filter");
    await workbench.command("File: New Untitled Text File");
    await page.keyboard.press("Control+V");
    await page.locator(".view-line").getByText("/n/60").first().waitFor();
  });

  test("keys hold a list under traffic, and Escape follows the newest again", async () => {
    await workbench.command("Tinytap: Follow the Newest Exchange");
    const traffic = standIns.run({ do: "traffic", rate: 20, seconds: 60 });
    try {
      // Whichever they are: a busy machine may show none of the first.
      await workbench.rows("GET /traffic/").nth(5).waitFor();
      // Rows move while the mouse is on its way: whichever it is.
      await workbench.rows("GET /traffic/").first().click();
      await message(" new · ");
      const from = Number(/^\/traffic\/(\d+)/.exec(await focused())?.[1]);
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
      await heading(`/traffic/${from - 3}?at`);
      await page.keyboard.press("Escape");
      await page
        .locator(".tree-explorer-viewlet-tree-view .message")
        .getByText(" new · ")
        .waitFor({ state: "detached" });
    } finally {
      await standIns.run({ do: "stop" });
      await traffic;
    }
  });

  test("a capture whose helper dies for good says when and why it ended, above what it captured", async () => {
    // It is started again by itself, but only so often.
    for (let restarts = 0; restarts < 3; restarts++) {
      const { starts } = standIns;
      standIns.crash();
      while (standIns.starts === starts) await page.waitForTimeout(20);
      // Done when it has been told what to watch.
      await standIns.run({ do: "exchange", exchanges: [{ line: `GET /again/${restarts}`, status: 200 }] });
    }
    standIns.crash();
    await message("because its helper did. What was captured stays.");
    await window.screenshot("states-ended");
  });

  test("what this machine lets Tinytap see is a page", async () => {
    // Of an exchange there is a page as well.
    await page.locator(".tab", { hasText: "GET " }).click();
    await workbench.command("View: Close Editor");
    await workbench.command("Tinytap: Check This Machine");
    const preview = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
    await preview.getByRole("heading", { name: "Tinytap on This Machine" }).waitFor();
    await preview.getByText("Tinytap can capture here.").waitFor();
    await window.screenshot("states-machine");
  });

  test("the walkthrough has its steps and pictures", async () => {
    await workbench.command("Welcome: Open Walkthrough...");
    await page.locator(".quick-input-list").getByText("See your program’s HTTP traffic").click();
    await page.getByText("Debug, and watch the requests come in").waitFor();
    await workbench.command("View: Toggle Primary Side Bar Visibility");
    await page.waitForTimeout(1000);
    await window.screenshot("states-walkthrough");
  });

  /** The target of the row that the keyboard is on. */
  async function focused(): Promise<string> {
    const label =
      (await page.locator(".pane-body .monaco-list-row.focused").getAttribute("aria-label")) ?? "";
    return /GET (\S+?),/.exec(label)?.[1] ?? label;
  }
});
