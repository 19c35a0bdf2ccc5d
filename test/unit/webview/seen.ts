/** Tests of what a person sees of an exchange, in a Chromium. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import type { Locator } from "playwright-core";
import { ensureBrowser } from "../../../scripts/browser.ts";
import { whyNotInstalled } from "../../../scripts/packages.mjs";
import { ChromiumPage } from "./chromium.ts";
import type { ShownBody } from "./shown-body.ts";
import type { Theme } from "./themes.ts";

/** The page of this file's tests. */
export let window: ChromiumPage;
let missing: string | undefined;

before(async () => {
  missing = await whyNotInstalled(ensureBrowser);
  if (missing === undefined) window = await ChromiumPage.open();
});
after(() => window?.close());

export const bytes = (text: string) => Buffer.from(text);

export function sees(
  title: string,
  run: (page: ChromiumPage["page"], t: TestContext) => Promise<void>,
): void {
  test(title, async (t) => {
    if (missing !== undefined) return t.skip(missing);
    window.complaints.length = 0;
    await window.wear("dark");
    await run(window.page, t);
    await pictures(title);
    assert.deepEqual(window.complaints, []);
  });
}

/** Where somebody wants to look: each theme, narrow and wide. */
async function pictures(title: string): Promise<void> {
  const folder = process.env["TINYTAP_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const name = title.replaceAll(/\W+/g, "-").slice(0, 60);
  const themes: Theme[] = ["dark", "light", "hcDark"];
  for (const theme of themes)
    for (const width of [300, 900]) {
      await window.wear(theme, width);
      await window.page.waitForTimeout(50);
      await window.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
    }
}

/** Shows a body, and waits until the page says `text` of it. */
export async function shown(
  type: string,
  content: Uint8Array,
  text: string,
  more: Partial<ShownBody> = {},
): Promise<string> {
  const headers: [string, string][] = [["Content-Type", type], ...(more.headers ?? [])];
  await window.show("/things", { response: { ...more, headers, bytes: content } });
  // The page keeps the side that was looked at last.
  await window.page.getByRole("tab", { name: "Response" }).click();
  return bodyText("response", text);
}

export async function bodyText(side: string, text: string): Promise<string> {
  const body = window.page.locator(`#panel-${side} .body`);
  await body.getByText(text).first().waitFor({ timeout: 10_000 });
  return body.innerText();
}

export async function choose(mode: string): Promise<void> {
  await window.page.locator(".modes:visible").getByRole("button", { name: mode, exact: true }).click();
}

/** In pixels. */
export function widthsOf(elements: Locator): Promise<number[]> {
  interface InPage {
    getBoundingClientRect(): { width: number };
  }
  return elements.evaluateAll((all) => (all as InPage[]).map((each) => each.getBoundingClientRect().width));
}
