/** The real workbench in a browser, as a person would have it on screen. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../scripts/browser.ts";
import { startCodeServer, type Server, type ServerOptions } from "../../scripts/code-server.ts";
import { dist } from "../../scripts/paths.mjs";
import { WorkbenchPage } from "../../scripts/workbench-page.ts";

export interface OpenWindow {
  readonly server: Server;
  readonly browser: Browser;
  readonly page: Page;
  readonly workbench: WorkbenchPage;
  /** Into dist/test. */
  screenshot(name: string): Promise<void>;
  /** With a last picture, of the name that it was opened by. */
  close(): Promise<void>;
}

export async function openWindow(name: string, options: ServerOptions): Promise<OpenWindow> {
  const server = await startCodeServer(options);
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(30_000);
  const workbench = new WorkbenchPage(page);
  const screenshot = async (picture: string): Promise<void> => {
    mkdirSync(join(dist, "test"), { recursive: true });
    await page.screenshot({ path: join(dist, `test/${picture}.png`) });
  };
  const close = async (): Promise<void> => {
    try {
      await screenshot(name);
      await browser.close();
    } finally {
      await server.close();
    }
  };
  try {
    await workbench.open(server.url());
  } catch (error) {
    await close();
    throw error;
  }
  return { server, browser, page, workbench, screenshot, close };
}
