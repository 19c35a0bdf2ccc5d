/** The table's page in a Chromium, under the policy that it has in VS Code, with the extension's own session and model. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { Action } from "../../../extension/model/actions.ts";
import { CaptureStateHolder } from "../../../extension/model/capture-state.ts";
import { CurrentSituation } from "../../../extension/model/current-situation.ts";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { CurrentFilter } from "../../../extension/model/filter/current-filter.ts";
import { Recordings } from "../../../extension/model/recordings.ts";
import { Sources } from "../../../extension/model/sources.ts";
import { TableSession } from "../../../extension/model/table-session.ts";
import type { FromTable } from "../../../protocol/table.ts";
import { launchBrowser } from "../../../scripts/browser.ts";
import { bundle } from "../../../scripts/build.mjs";
import { themes, type Theme } from "./themes.ts";

const site = "http://localhost";
const policy = `default-src 'none'; font-src data:; style-src ${site}; script-src 'nonce-n'`;
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Network</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/table.css"></head>
<body><script nonce="n" src="/table.js"></script></body></html>`;

export class TableInChromium {
  readonly browser: Browser;
  readonly page: Page;
  readonly exchanges = new Exchanges();
  readonly sources = new Sources();
  readonly recordings = new Recordings(this.sources);
  readonly filter: CurrentFilter;
  readonly state = new CaptureStateHolder();
  readonly situation: CurrentSituation;
  /** What the page asked to be shown, and whether the keyboard was to go there. */
  readonly opened: [key: string, focus: boolean][] = [];
  /** What the reader chose where no row was. */
  readonly acts: Action[] = [];
  /** What the page complained of: by its policy, or by an error. */
  readonly complaints: string[] = [];
  readonly session: TableSession;
  /** Messages to the page, and their characters as JSON: how much it is told. */
  told = 0;
  messages = 0;
  /** Messages that are on their way, while they are held up. */
  #underWay: string[] | undefined;
  readonly #folder: string;

  private constructor(browser: Browser, page: Page, folder: string) {
    this.browser = browser;
    this.page = page;
    this.#folder = folder;
    const finder = { find: async () => ({ keys: [], problems: [] }) };
    this.filter = new CurrentFilter({ get: () => undefined, update() {} }, finder);
    this.situation = new CurrentSituation({
      ...{ capture: this, programs: { of: () => [], onChange: () => ({ dispose() {} }) } },
      isTrusted: () => true,
    });
    this.session = new TableSession({
      ...{ exchanges: this.exchanges, recordings: this.recordings, filter: this.filter },
      situation: this.situation,
      act: (action) => void this.acts.push(action),
      isSeen: () => true,
      open: (key, focus) => this.opened.push([key, focus]),
      post: (message) => {
        const text = JSON.stringify(message);
        this.told += text.length;
        this.messages++;
        if (this.#underWay === undefined) this.#deliver(text);
        else this.#underWay.push(text);
      },
    });
  }

  /** What the page is told from now on is on its way until `arrive`. */
  holdUp(): void {
    this.#underWay = [];
  }

  arrive(): void {
    for (const text of this.#underWay ?? []) this.#deliver(text);
    this.#underWay = undefined;
  }

  #deliver(text: string): void {
    void this.page.evaluate(dispatch, text).catch(() => {}); // the page may be closed
  }

  static async open(theme: Theme = "dark"): Promise<TableInChromium> {
    const folder = mkdtempSync(join(tmpdir(), "tinytap-table-"));
    for (const name of ["table.js", "table.css"]) await bundle(name, folder, "development");
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 980, height: 330 } });
    const opened = new TableInChromium(browser, page, folder);
    await opened.#load(theme);
    return opened;
  }

  /** Shows it in another theme: the page begins anew. */
  async reload(theme: Theme): Promise<void> {
    this.session.end();
    await this.page.unrouteAll();
    await this.#route(theme);
    await this.page.reload();
  }

  async close(): Promise<void> {
    this.session.dispose();
    this.situation.dispose();
    await this.browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #load(theme: Theme): Promise<void> {
    const { page } = this;
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && this.complaints.push(message.text()));
    await this.#route(theme);
    await page.exposeFunction("toExtension", (message: FromTable) => this.session.take(message));
    await page.addInitScript(
      `globalThis.acquireVsCodeApi = () => ({
        postMessage: (message) => void toExtension(message),
        getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
        setState: (state) => sessionStorage.setItem("state", JSON.stringify(state)) });`,
    );
    await page.goto(`${site}/`);
  }

  async #route(theme: Theme): Promise<void> {
    const files = new Map([
      ["/", html],
      ["/theme.css", themes[theme]],
      ...["table.js", "table.css"].map(
        (name) => [`/${name}`, readFileSync(join(this.#folder, name), "utf8")] as const,
      ),
    ]);
    await this.page.route("**/*", async (route) => {
      const { pathname } = new URL(route.request().url());
      const types: Record<string, string> = { js: "text/javascript", css: "text/css" };
      const contentType = types[pathname.split(".")[1] ?? ""] ?? "text/html";
      const body = files.get(pathname);
      await route.fulfill(body === undefined ? { status: 404 } : { contentType, body });
    });
  }
}

/** Runs in the page, where there is a window, which Node's types don't know. */
function dispatch(text: string): void {
  (globalThis as unknown as EventTarget).dispatchEvent(
    Object.assign(new Event("message"), { data: JSON.parse(text) as unknown }),
  );
}
