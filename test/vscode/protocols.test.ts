/**
 * The window at a thousand a second: exchanges by HTTP/2, calls by gRPC, messages of a WebSocket. Real servers, the real helper,
 * and a person who clicks.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { root } from "../../scripts/paths.mjs";
import { listens } from "../kernel/harness/capture.ts";
import { askGo, atRate, callGrpc, perSecond, seconds } from "../kernel/harness/rates.ts";
import { executable, freePort } from "../kernel/harness/servers.ts";
import { serveGrpc } from "../native/grpc-server.ts";
import { openWindow, type OpenWindow } from "./open-window.ts";
import { RowClicks } from "./row-clicks.ts";
import { whyNoWindow } from "./why-no-window.ts";

/** Answers each message. */
const echo = `
const { WebSocketServer } = require(${JSON.stringify(join(root, "node_modules/ws"))});
const server = new WebSocketServer({ port: Number(process.argv[1]), host: "127.0.0.1" });
server.on("connection", (socket) => socket.on("message", (data) => socket.send("echo " + data)));`;

/** Says so many messages, each with its number, and waits for the answer to the last one. */
async function chat(client: WebSocket): Promise<void> {
  const all = perSecond * seconds;
  let answered = 0;
  client.on("message", () => answered++);
  await atRate((index) => client.send(`${index} ${"x".repeat(index % 500)}`));
  while (answered < all) await once(client, "message");
}

/** Servers, clients, helper and window at once: two cores that other tests use, too, are too few for its waits. */
const onlyAlone =
  process.env["TINYTAP_BUSY_SECONDS"] === undefined
    ? "takes the machine to itself: npm run test:busy"
    : undefined;
const skip = process.env["TINYTAP_NO_PROBES"] ?? onlyAlone ?? (await whyNoWindow()) ?? false;

describe("a thousand a second by other protocols", { skip }, () => {
  let folder: string;
  let window: OpenWindow;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-protocols-"));
    const [workspace, home] = [join(folder, "examples"), join(folder, "home")];
    cpSync(join(root, "examples"), workspace, { recursive: true });
    mkdirSync(home);
    window = await openWindow("protocols", {
      ...{ workspace, extension: root, others: [], env: { ...process.env, HOME: home } },
    });
  });

  after(async () => {
    await window?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const total = (perSecond * seconds).toLocaleString("en-US");

  async function capture(pid: number): Promise<void> {
    const { page, workbench } = window;
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await workbench.command("Tinytap: Start Capture");
    await page.getByPlaceholder("The process to watch").fill(String(pid));
    await page
      .locator(".quick-input-list .monaco-list-row", { hasText: `pid ${pid}` })
      .first()
      .click();
    await page.getByRole("button", { name: "Stop Capture" }).first().waitFor();
    // Not before: its page takes the keyboard when it comes, and the list of processes goes.
    await workbench.command("Tinytap: Show Network Panel");
  }

  /** Captures a process while `traffic` runs and rows are clicked: none is lost, and a click opens the row that it hit. */
  async function watch<Result>(pid: number, traffic: () => Promise<Result>, row: RegExp): Promise<Result> {
    const { page, workbench } = window;
    await capture(pid);
    const running = traffic();
    const rows = workbench.rows("/");
    const clicks = new RowClicks(page);
    // Each in another place: where one was pressed in vain, a second would be a double click, which opens nothing.
    for (let at = 0, opened = 0; opened < 3; at = (at + 1) % 10) {
      const hit = row.exec((await clicks.click(rows.nth(at))) ?? "")?.[0];
      // VS Code takes no click whose row it draws anew between press and release.
      if (hit === undefined) continue;
      await workbench.panel.locator("h1").getByText(hit).waitFor();
      opened++;
      await page.keyboard.press("Escape");
    }
    const result = await running;
    await page.locator(".pane-body .message").getByText(`${total} exchanges`).waitFor();
    return result;
  }

  async function clear(): Promise<void> {
    await window.workbench.command("Tinytap: Stop Capture");
    await window.workbench.command("Tinytap: Clear");
    await window.page.locator(".pane-body .message").getByText(total).waitFor({ state: "detached" });
  }

  test("HTTP/2: every exchange is listed, and the newest has its body", async () => {
    const { workbench } = window;
    const port = await freePort();
    const server = spawn(await executable("go"), [`127.0.0.1:${port}`, "."], { stdio: "ignore" });
    try {
      while (!(await listens(port))) await sleep(20);
      const received = await watch(server.pid!, () => askGo(port), /\/(?:bytes|echo)[^ ]*\?i=\d+/);
      const last = received.at(-1)!;
      await workbench.table.locator(`.row[aria-label*=${JSON.stringify(last.target)}]`).waitFor();
      await workbench.rows(last.target).click();
      await workbench.response(last.target).digest.getByText(last.body.sha256).waitFor();
      await clear();
    } finally {
      server.kill();
    }
  });

  test("gRPC: every call is listed, none of them failed, and no byte is missing", async () => {
    const { page, workbench } = window;
    const server = await serveGrpc();
    try {
      await watch(server.pid, () => callGrpc(Number(server.address.split(":")[1])), /UnaryCall/);
      await workbench.filter("-is:error -is:gap status:200");
      await page.locator(".pane-body .message").getByText(`${total} of ${total} exchanges`).waitFor();
      assert.equal(await workbench.rows("no response").count(), 0);
      await workbench.command("Tinytap: Clear the Filter");
      await clear();
    } finally {
      server.stop();
    }
  });

  test("a WebSocket: its messages are listed while they come, up to the last one of each side", async () => {
    const { workbench } = window;
    const port = await freePort();
    const server = spawn(process.execPath, ["-e", echo, String(port)], { stdio: "ignore" });
    try {
      while (!(await listens(port))) await sleep(20);
      await capture(server.pid!);
      const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
      await once(client, "open");
      await workbench.rows("/chat").click();
      const running = chat(client);
      const latest = workbench.panel.locator(".messages li").last();
      const seen = new Set<string>();
      // Its list is made anew each half second, and what was the last one then may be gone.
      for (; seen.size < 3; await sleep(200))
        seen.add((await latest.textContent({ timeout: 1000 }).catch(() => null)) ?? "");
      await running;
      await latest.getByText(`echo ${perSecond * seconds - 1} `).waitFor();
      client.close();
      await workbench.rows("/chat").getByText("in flight").waitFor({ state: "detached" });
      assert.equal(await workbench.rows("lost").count(), 0);
    } finally {
      server.kill();
    }
  });
});
