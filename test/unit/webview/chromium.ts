/** The detail panel's page in a Chromium, under the policy that it has in VS Code, with an extension that a test plays. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { readCall, type Description } from "../../../content/node/grpc.ts";
import { readSocket } from "../../../content/node/websocket.ts";
import { isWebSocket } from "../../../content/websocket.ts";
import { Bodies } from "../../../extension/bodies/bodies.ts";
import { Sources } from "../../../extension/model/sources.ts";
import { PageQuestions, type Question } from "../../../extension/views/page-questions.ts";
import type { Exchange, Side } from "../../../protocol/exchange.ts";
import type { Conversation, FromPage, Place, ToPage } from "../../../protocol/webview.ts";
import { launchBrowser } from "../../../scripts/browser.ts";
import { bundle } from "../../../scripts/build.mjs";
import { bodyOf, bodyPart, type ShownBody } from "./shown-body.ts";
import { themes, type Theme } from "./themes.ts";

/** The panel stands among editors. */
const ground = "body { background: var(--vscode-editor-background); }";
/** Nobody listens there: the requests are answered here. To Chromium it is a secure context, as the panel is. */
const site = "http://localhost";
const policy = `default-src 'none'; img-src blob:; font-src data:; style-src ${site}; script-src 'nonce-n'`;
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Exchange</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/detail.css"></head>
<body><script nonce="n" src="/detail.js"></script></body></html>`;

export class ChromiumPage {
  readonly page: Page;
  /** What the page complained of: by its policy, or by an error. */
  readonly complaints: string[] = [];
  /** Exchanges that it wanted to be shown. */
  readonly otherEnds: number[] = [];
  /** Of the methods that are called; and what asking the server gives. */
  description: Description | undefined;
  describe: (() => Promise<Description>) | undefined;
  /** What it put on the clipboard, and what it asked for. */
  readonly copied: string[] = [];
  readonly asked: Question[] = [];
  /** Answers that it didn't wait for. */
  cancelled = 0;
  /** Bytes that it was sent. */
  sent = 0;
  readonly #browser: Browser;
  readonly #questions: PageQuestions;
  #answering = Promise.resolve();
  #bodies: Partial<Record<Side, ShownBody>> = {};
  #exchange: Exchange | undefined;
  #shown = 0;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    const sources = new Sources();
    sources.add({
      exchange: async () => this.#exchange ?? null,
      body: async (params) => bodyPart(this.#bodies[params.side], params),
      search: () => Promise.reject(new Error("nobody searches here")),
    });
    this.#questions = new PageQuestions(
      {
        bodies: new Bodies(sources),
        conversations: { read: () => this.#readMessages(), ask: () => this.#ask() },
      },
      (message) => void this.#post(message),
    );
  }

  static async open(): Promise<ChromiumPage> {
    const folder = mkdtempSync(join(tmpdir(), "tinytap-page-"));
    try {
      for (const name of ["detail.js", "detail.css"]) await bundle(name, folder, "development");
      const files = new Map([
        ["/", html],
        ["/theme.css", themes.dark + ground],
        ...["detail.js", "detail.css"].map(
          (name) => [`/${name}`, readFileSync(join(folder, name), "utf8")] as const,
        ),
      ]);
      const browser = await launchBrowser();
      const page = await browser.newPage({ viewport: { width: 800, height: 700 } });
      const opened = new ChromiumPage(browser, page);
      await opened.#load(files);
      return opened;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Shows an exchange that the page hasn't seen before. `facts`: what isn't as usual. */
  async show(
    target: string,
    bodies: Partial<Record<Side, ShownBody>>,
    place?: Place,
    facts: Partial<Exchange> = {},
  ): Promise<void> {
    this.#shown++;
    await this.update(target, bodies, place, facts);
  }

  /** Shows more of the same exchange, or another place in it. */
  async update(
    target: string,
    bodies: Partial<Record<Side, ShownBody>>,
    place?: Place,
    facts: Partial<Exchange> = {},
  ): Promise<void> {
    this.#bodies = bodies;
    const { request = { headers: [], bytes: new Uint8Array(0) }, response } = bodies;
    const version = "HTTP/1.1";
    this.#exchange = {
      ...{ id: 1, pid: 42, process: "shop", role: "server", local: "127.0.0.1:80", remote: "127.0.0.1:5000" },
      ...{ state: "complete", start: Date.UTC(2026, 0, 2), duration: 3 },
      ...facts,
      request: { method: "POST", target, version, headers: request.headers, body: bodyOf(request) },
      ...(response?.interim && { interim: response.interim }),
      ...(response && {
        response: {
          status: response.status ?? 200,
          statusText: response.statusText ?? "OK",
          version,
          headers: response.headers,
          ...(response.trailers && { trailers: response.trailers }),
          ...(response.headCut && { headCut: response.headCut }),
          body: bodyOf(response),
        },
      }),
    };
    await this.#show(place);
  }

  /** Clothes the page in a theme, at a width in pixels. */
  async wear(theme: Theme, width = 800): Promise<void> {
    const height = 700;
    await this.page.setViewportSize({ width, height });
    await this.page.evaluate(
      `(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(themes[theme] + ground)});
      document.adoptedStyleSheets = [sheet]; })()`,
    );
  }

  async #show(place?: Place): Promise<void> {
    const key = `exchange ${this.#shown}`;
    await this.#post({ type: "show", key, exchange: this.#exchange!, now: 0, origin: undefined, place });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async #load(files: Map<string, string>): Promise<void> {
    const { page } = this;
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && this.complaints.push(message.text()));
    await page.route("**/*", async (route) => {
      const { pathname } = new URL(route.request().url());
      const types: Record<string, string> = { js: "text/javascript", css: "text/css" };
      const contentType = types[pathname.split(".")[1] ?? ""] ?? "text/html";
      const body = files.get(pathname);
      await route.fulfill(body === undefined ? { status: 404 } : { contentType, body });
    });
    await page.exposeFunction("toExtension", (message: FromPage) => this.#take(message));
    await page.addInitScript(
      `let state; globalThis.acquireVsCodeApi = () => ({
        postMessage: (message) => void toExtension(message),
        getState: () => state, setState: (to) => (state = to) });`,
    );
    await page.goto(`${site}/`);
  }

  async #take(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
      case "side":
        return;
      case "otherEnd":
        return void this.otherEnds.push(message.id);
      case "copy":
        return void this.copied.push(message.text);
      case "cancel":
        this.cancelled++;
        return this.#questions.cancel(message.call);
      default:
        this.asked.push(message);
        await this.#answering;
        await this.#questions.answer(message, "1:1");
    }
  }

  /** What is asked from now on is answered when `answer` is called. */
  holdUp(): () => void {
    let answer = () => {};
    this.#answering = new Promise((resolve) => (answer = resolve));
    return answer;
  }

  /** As the extension does: when the answer is there, what is shown is shown anew. */
  async #ask(): Promise<void> {
    this.description = await this.describe?.();
    setTimeout(() => void this.#show(), 0);
  }

  async #readMessages(): Promise<Conversation> {
    const exchange = this.#exchange!;
    const read = async (side: Side, start: number, end: number) =>
      bodyPart(this.#bodies[side], { id: 1, side, start, end });
    return isWebSocket(exchange)
      ? { kind: "socket", ...(await readSocket(exchange, read)) }
      : { kind: "call", askable: "127.0.0.1:80", ...(await readCall(exchange, read, this.description)) };
  }

  async #post(message: ToPage): Promise<void> {
    this.sent += message.type === "bytes" ? message.bytes.length : JSON.stringify(message).length;
    await this.page.evaluate(
      // In the page there is a window, which Node's types don't know.
      (data) =>
        void (globalThis as unknown as EventTarget).dispatchEvent(
          Object.assign(new Event("message"), { data }),
        ),
      message,
    );
  }
}
