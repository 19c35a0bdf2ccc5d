/** The detail panel's page in a Chromium, under the policy that it has in VS Code, with an extension that a test plays. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { decodeBody } from "../../../content/node/decode-body.ts";
import { readCall, type Description } from "../../../content/node/grpc.ts";
import { readSocket } from "../../../content/node/websocket.ts";
import { isWebSocket } from "../../../content/websocket.ts";
import type { Body, Exchange, Header, Interim, Missing, Side } from "../../../protocol/exchange.ts";
import type { Conversation, FromPage, Place, ToPage } from "../../../protocol/webview.ts";
import { launchBrowser } from "../../../scripts/browser.ts";
import { bundle } from "../../../scripts/build.mjs";

/** Nobody listens there: the requests are answered here. To Chromium it is a secure context, as the panel is. */
const site = "http://localhost";
const policy = `default-src 'none'; img-src blob:; style-src ${site}; script-src 'nonce-n'`;
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/webview.css"></head>
<body><script nonce="n" src="/webview.js"></script></body></html>`;
/** As VS Code's themes have it: dark, and high contrast. */
const theme = `:root { --vscode-foreground: #ccc; --vscode-editor-font-family: monospace; --vscode-focusBorder: #07c;
--vscode-font-family: sans-serif; --vscode-font-size: 13px; --vscode-editor-font-size: 12px;
--vscode-textCodeBlock-background: #2a2a2a; --vscode-button-secondaryBackground: #333;
--vscode-button-secondaryForeground: #fff; --vscode-button-background: #07c; --vscode-button-foreground: #fff;
--vscode-descriptionForeground: #999; --vscode-editorWarning-foreground: #cca700; --vscode-panel-border: #444;
--vscode-symbolIcon-propertyForeground: #9cdcfe; } body { background: #1e1e1e; }
:root.hc { --vscode-foreground: #fff; --vscode-contrastBorder: #6fc3df; --vscode-contrastActiveBorder: #f38518;
--vscode-textCodeBlock-background: #000; --vscode-button-secondaryBackground: #000; --vscode-button-background: #000;
--vscode-descriptionForeground: #fff; --vscode-panel-border: #6fc3df; } :root.hc body { background: #000; }`;

export interface ShownBody {
  /** Of a response; 200 by default. */
  status?: number;
  trailers?: Header[];
  /** Before a response. */
  interim?: Interim[];
  headers: [string, string][];
  bytes: Uint8Array;
  body?: Partial<Body>;
}

export class ChromiumPage {
  readonly page: Page;
  /** What the page complained of: by its policy, or by an error. */
  readonly complaints: string[] = [];
  /** Exchanges that it wanted to be shown. */
  readonly otherEnds: number[] = [];
  /** Of the methods that are called; and what asking the server gives. */
  description: Description | undefined;
  describe: (() => Promise<Description>) | undefined;
  readonly #browser: Browser;
  #bodies: Partial<Record<Side, ShownBody>> = {};
  #exchange: Exchange | undefined;
  #shown = 0;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  static async open(): Promise<ChromiumPage> {
    const folder = mkdtempSync(join(tmpdir(), "tinytap-page-"));
    try {
      for (const name of ["webview.js", "webview.css"]) await bundle(name, folder, "development");
      const files = new Map([
        ["/", html],
        ["/theme.css", theme],
        ...["webview.js", "webview.css"].map(
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

  /** Shows an exchange that the page hasn't seen before. */
  async show(
    target: string,
    bodies: Partial<Record<Side, ShownBody>>,
    place?: Place,
    otherEnd?: number,
  ): Promise<void> {
    this.#shown++;
    await this.update(target, bodies, place, otherEnd);
  }

  /** Shows more of the same exchange, or another place in it. */
  async update(
    target: string,
    bodies: Partial<Record<Side, ShownBody>>,
    place?: Place,
    otherEnd?: number,
  ): Promise<void> {
    this.#bodies = bodies;
    const { request = { headers: [], bytes: new Uint8Array(0) }, response } = bodies;
    const version = "HTTP/1.1";
    this.#exchange = {
      ...{ id: 1, pid: 42, process: "shop", role: "server", local: "127.0.0.1:80", remote: "127.0.0.1:5000" },
      ...{ state: "complete", start: Date.UTC(2026, 0, 2), duration: 3 },
      ...(otherEnd !== undefined && { otherEnd }),
      request: { method: "POST", target, version, headers: request.headers, body: bodyOf(request) },
      ...(response?.interim && { interim: response.interim }),
      ...(response && {
        response: {
          status: response.status ?? 200,
          statusText: "OK",
          version,
          headers: response.headers,
          ...(response.trailers && { trailers: response.trailers }),
          body: bodyOf(response),
        },
      }),
    };
    await this.#show(place);
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
    if (message.type === "ready") return;
    if (message.type === "otherEnd") return void this.otherEnds.push(message.id);
    if (message.type === "messages") return this.#answerMessages(message.call);
    if (message.type === "describe") return this.#answerDescribe(message.call);
    const { call, side } = message;
    const shown = this.#bodies[side];
    if (shown === undefined) return this.#post({ type: "failed", call, message: "no such body" });
    if (message.type === "read")
      return this.#post({ type: "bytes", call, bytes: shown.bytes.subarray(message.start, message.end) });
    const body = bodyOf(shown);
    const decoded = await decodeBody(shown.headers, body, async (start, end) => ({
      base64: Buffer.from(shown.bytes.subarray(start, end)).toString("base64"),
      ...{ end, ranges: [], missing: body.missing },
    }));
    await this.#post({ type: "decoded", call, decoded });
  }

  /** As the extension does: when the answer is there, what is shown is shown anew. */
  async #answerDescribe(call: number): Promise<void> {
    const answer = await this.describe?.().catch((error: Error) => error.message);
    if (typeof answer === "string") return this.#post({ type: "failed", call, message: answer });
    this.description = answer;
    await this.#post({ type: "described", call });
    await this.#show();
  }

  async #answerMessages(call: number): Promise<void> {
    const exchange = this.#exchange!;
    const read = async (side: Side, start: number, end: number) => ({
      base64: Buffer.from(this.#bodies[side]!.bytes.subarray(start, end)).toString("base64"),
      ...{ end, ranges: [], missing: [] },
    });
    const messages: Conversation = isWebSocket(exchange)
      ? { kind: "socket", ...(await readSocket(exchange, read)) }
      : { kind: "call", askable: "127.0.0.1:80", ...(await readCall(exchange, read, this.description)) };
    await this.#post({ type: "messages", call, messages });
  }

  async #post(message: ToPage): Promise<void> {
    await this.page.evaluate(
      // In the page there is a window, which Node's types don't know.
      (data) =>
        void (globalThis as unknown as EventTarget).dispatchEvent(
          Object.assign(new Event("message"), { data }),
        ),
      withPlainBytes(message),
    );
  }
}

/** A Buffer arrives as bytes only where it is no Buffer. */
function withPlainBytes(message: ToPage): ToPage {
  if (message.type === "bytes") return { ...message, bytes: new Uint8Array(message.bytes) };
  if (message.type !== "decoded") return message;
  return { ...message, decoded: { ...message.decoded, bytes: new Uint8Array(message.decoded.bytes) } };
}

function bodyOf({ bytes, body }: ShownBody): Body {
  const missing: Missing[] = body?.missing ?? [];
  const end = missing[0]?.start ?? bytes.length;
  const ranges = end > 0 ? [{ start: 0, end, source: "write" as const }] : [];
  return { size: bytes.length, end: "complete", ranges, ...body, missing };
}
