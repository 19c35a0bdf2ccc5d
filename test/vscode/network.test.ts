/** The Network panel in the real window: a table of what a stand-in helper captures, by keyboard and mouse, under traffic. */
import assert from "node:assert/strict";
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

  test("pictures in other themes", async () => {
    for (const theme of ["Light Modern", "Dark High Contrast"]) {
      await workbench.command("Preferences: Color Theme");
      await page.locator(".quick-input-widget input").fill(theme);
      await page.waitForTimeout(1000);
      await page.keyboard.press("Enter");
      await page.waitForTimeout(1500);
      await window.screenshot(`network-${theme}`);
    }
  });
});
