/** The table's page for a file of tests: one page, on which each test finds no rows, and a run of its own. */
import { after, before, beforeEach } from "node:test";
import type { Locator } from "playwright-core";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { ensureBrowser } from "../../../scripts/browser.ts";
import { whyNotInstalled } from "../../../scripts/packages.mjs";
import { put, summary } from "../extension/summaries.ts";
import { TableInChromium } from "./table-chromium.ts";

export const skip = (await whyNotInstalled(ensureBrowser)) ?? false;

export let table: TableInChromium;
/** Its number is its helper's. */
export let run = 0;

before(async () => {
  if (!skip) table = await TableInChromium.open();
});

after(() => table?.close());

beforeEach(async () => {
  if (skip) return;
  // What is in flight would outlive the clearing.
  table.exchanges.lose(run);
  table.exchanges.clear();
  table.filter.set("");
  table.exchanges.begin(++run, Date.now());
  table.opened.length = 0;
  table.complaints.length = 0;
  table.session.take({ type: "select", key: undefined });
  table.session.take({ type: "follow" });
  await table.page.evaluate("sessionStorage.clear()");
  await table.reload("dark");
});

export const rows = (): Locator => table.page.locator(".row");
export const row = (text: string): Locator => table.page.locator(`.row[aria-label*=${JSON.stringify(text)}]`);
export const selected = (): Locator => table.page.locator(".row[aria-selected=true]");
export const grid = (): Locator => table.page.getByRole("grid");
export const field = (): Locator => table.page.getByRole("combobox", { name: "Filter exchanges" });

/** `count` rows, the newest of which has the highest number. */
export function captured(count: number, from = 1): void {
  const fields = { method: "GET", status: 200, contentType: "text/plain", host: "shop", duration: 1 };
  const made: ExchangeSummary[] = [];
  for (let id = from; id < from + count; id++)
    made.push(summary(id, { ...fields, target: `/n/${id}`, start: id, size: id % 100 }));
  reported(made);
}

/** In the test's run. */
export function reported(summaries: ExchangeSummary[]): void {
  put(table.exchanges, run, summaries);
}
