/** The Network panel in the real window: a table of what a stand-in helper captures, by keyboard and mouse, under traffic. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import type { Sample } from "../stand-in/commands.ts";
import type { StandIns } from "../stand-in/stand-ins.ts";
import { openStandInWindow, type StandInWindow } from "./stand-in-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;

const json = "application/json";
const samples: Sample[] = [
  { line: "GET /", status: 200, type: "text/html; charset=utf-8", size: 6200 },
  { line: "GET /static/app.css", status: 200, type: "text/css", size: 18_000 },
  { line: "GET /static/app.js", status: 200, type: "text/javascript", size: 90_000 },
  { line: "GET /api/session", status: 200, type: json, size: 214 },
  {
    line: "GET /api/products?page=2&sort=price&order=descending&stock=only",
    status: 200,
    type: json,
    size: 18_000,
    lostFrom: 14_000,
  },
  { line: "GET /api/orders/7", status: 200, type: json, size: 900 },
  {
    line: "GET /v1/stock?sku=TEA-0412",
    host: "inventory.internal.example:9090",
    status: 200,
    type: json,
    size: 312,
    client: true,
  },
  {
    line: "POST /v1/reserve",
    host: "inventory.internal.example:9090",
    status: 409,
    type: json,
    size: 74,
    client: true,
  },
  { line: "POST /api/checkout", status: 500, type: json, size: 196 },
  { line: "POST /api/cart/items", status: 201, type: json, size: 148 },
  { line: "GET /favicon.ico", status: 404, type: "text/plain", size: 19 },
  { line: "GET /api/products/8412", status: 304, size: 0 },
  { line: "GET /files/catalog-2026.tar", status: 200, type: "application/x-tar", size: 2_400_000 },
  { line: "DELETE /api/cart/items/6", status: 204, size: 0 },
  { line: "GET /api/events" },
];

describe("the Network panel", { skip }, () => {
  let window: StandInWindow;
  let standIns: StandIns;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    window = await openStandInWindow("network");
    ({ standIns, page, workbench } = window);
    await window.startCapture();
  });

  after(() => window.close());

  test("it shows what was captured, and an arrow key shows the exchange in the detail panel", async () => {
    await standIns.run({ do: "exchange", exchanges: samples });
    await workbench.command("Tinytap: Show Network Panel");
    const { table } = workbench;
    await table
      .locator(".row")
      .nth(samples.length - 1)
      .waitFor();
    await window.screenshot("network-dark");
    await table.locator('.row[aria-label*="/api/checkout"]').click();
    await workbench.panel.locator("h1").getByText("/api/checkout").waitFor();
    await page.keyboard.press("ArrowUp");
    await workbench.panel.locator("h1").getByText("/api/cart/items").waitFor();
    await window.screenshot("network-detail");
    assert.equal(await table.locator(".row[aria-selected=true]").count(), 1);
  });

  test("in the tree no row's figures are cut, however wide its letters are", async () => {
    await standIns.run({
      do: "exchange",
      exchanges: [
        "/MMMMMMMM/WWWWWWWW?Q=MMMMMMMMMMMMMM",
        "/%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%",
        `/${"iiiii/".repeat(20)}`,
      ].map((target) => ({ line: `OPTIONS ${target}`, status: 200, size: 123_456 })),
    });
    await workbench.rows("OPTIONS /iiiii/").waitFor();
    assert.deepEqual(await page.locator(".pane-body .label-description").evaluateAll(cutTexts), []);
  });

  for (const rate of [20, 1000])
    test(`at ${rate} a second the table is live, its rows hold still once one is selected, and ten keys show ten exchanges`, async () => {
      const { table } = workbench;
      await workbench.command("Tinytap: Clear");
      const traffic = standIns.run({ do: "traffic", rate, seconds: 120 });
      try {
        const top = table.locator(".row").first();
        await table.locator('.row[aria-label*="/traffic/"]').first().waitFor();
        const before = await top.getAttribute("aria-label");
        while ((await top.getAttribute("aria-label")) === before) await page.waitForTimeout(20);
        // As many below it as keys are pressed: Clear leaves what is in flight, at the end.
        await table.locator('.row[aria-label*="/traffic/"]').nth(13).waitFor();
        await table.locator('.row[aria-label*="/traffic/"]').nth(2).click();
        await table.getByRole("button", { name: " new" }).waitFor();
        const held = await top.getAttribute("aria-label");
        for (let keys = 0; keys < 10; keys++) {
          const selected = table.locator(".row[aria-selected=true]");
          const last = await selected.getAttribute("aria-label");
          await page.keyboard.press("ArrowDown");
          while ((await selected.getAttribute("aria-label")) === last) await page.waitForTimeout(10);
          const target = /\/traffic\/\d+/.exec((await selected.getAttribute("aria-label")) ?? "")?.[0];
          await workbench.panel.locator("h1").getByText(`${target}?at`).waitFor();
        }
        assert.equal(await top.getAttribute("aria-label"), held);
        await page.keyboard.press("Escape");
        while ((await top.getAttribute("aria-label")) === held) await page.waitForTimeout(20);
      } finally {
        await standIns.run({ do: "stop" });
        await traffic;
      }
    });

  test("hidden and shown again, and after Clear, it has its filter; its state outlives a reload of the window", async () => {
    const { table } = workbench;
    await standIns.run({ do: "exchange", exchanges: samples });
    const field = () => table.getByRole("combobox", { name: "Filter exchanges" });
    await field().fill("status:>=500");
    await table.locator(".said").getByText("status 500 or above").waitFor();
    await workbench.command("View: Toggle Panel Visibility");
    await workbench.command("Tinytap: Show Network Panel");
    await table.locator('.row[aria-label*="/api/checkout"]').first().waitFor();
    assert.equal(await field().inputValue(), "status:>=500");
    assert.equal(await workbench.rows("GET /favicon.ico").count(), 0, "the tree is filtered too");
    await workbench.command("Tinytap: Clear");
    await table
      .locator(".empty p")
      .getByText(/filter|^Capturing/)
      .waitFor();
    assert.equal(await field().inputValue(), "status:>=500");
    await page.reload();
    await workbench.command("Tinytap: Show Network Panel");
    await field().waitFor();
    assert.equal(await field().inputValue(), "status:>=500");
    await workbench.command("Tinytap: Clear the Filter");
    await table.locator(".said").getByText("status").waitFor({ state: "detached" });
  });

  test("while something is being debugged the list stands in Run and Debug too, and its rows open there", async () => {
    const configuration = {
      name: "Shop",
      type: "node",
      request: "launch",
      program: "${workspaceFolder}/node-api/server.mjs",
    };
    const launch = join(window.workspace, ".vscode/launch.json");
    writeFileSync(launch, JSON.stringify({ version: "0.2.0", configurations: [configuration] }));
    // The reload ended the capture.
    await window.startCapture();
    await workbench.command("View: Show Run and Debug");
    await page.keyboard.press("F5");
    // Views of extensions are folded there until somebody opens them.
    await page.locator(".pane-header", { hasText: "HTTP Exchanges" }).click();
    await standIns.run({ do: "exchange", exchanges: [{ line: "GET /debugged", status: 200 }] });
    await workbench.rows("GET /debugged").first().click();
    await workbench.panel.locator("h1").getByText("/debugged").waitFor();
    await window.screenshot("network-debugging");
    await page.keyboard.press("Shift+F5");
    await page.locator(".pane-header", { hasText: "HTTP Exchanges" }).waitFor({ state: "detached" });
  });

  test("pictures in other themes", async () => {
    for (const theme of ["Dark Modern", "Light Modern", "Dark High Contrast"]) {
      await workbench.theme(theme);
      await window.screenshot(`network-${theme}`);
    }
  });
});

/** What of an element is used: the window's types aren't ours. */
interface Element {
  textContent: string;
  getBoundingClientRect(): { right: number };
  closest(selector: string): Element;
}

/** Those that end beyond their row. */
function cutTexts(elements: unknown[]): string[] {
  return (elements as Element[])
    .filter((each) => {
      const { right } = each.closest(".monaco-list-row").getBoundingClientRect();
      return each.getBoundingClientRect().right > right;
    })
    .map(({ textContent }) => textContent);
}
