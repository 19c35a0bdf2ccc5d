/** The window at a thousand exchanges a second by HTTP/2 and by gRPC: real servers, the real helper, and a person who clicks. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../scripts/paths.mjs";
import { listens } from "../kernel/harness/capture.ts";
import { askGo, callGrpc, perSecond, seconds } from "../kernel/harness/rates.ts";
import { executable, freePort } from "../kernel/harness/servers.ts";
import { serveGrpc } from "../native/grpc-server.ts";
import { openWindow, type OpenWindow } from "./open-window.ts";
import { RowClicks } from "./row-clicks.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = process.env["TINYTAP_NO_PROBES"] ?? (await whyNoWindow()) ?? false;

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

  /** Captures a process while `traffic` runs and rows are clicked: none is lost, and a click opens the row that it hit. */
  async function watch<Result>(pid: number, traffic: () => Promise<Result>, row: RegExp): Promise<Result> {
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
    const running = traffic();
    const rows = workbench.rows("/");
    const clicks = new RowClicks(page);
    for (let opened = 0; opened < 3;) {
      const hit = row.exec((await clicks.click(rows.nth(opened))) ?? "")?.[0];
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

  test("HTTP/2: every exchange is listed, and the newest has its body", async () => {
    const { page, workbench } = window;
    const port = await freePort();
    const server = spawn(await executable("go"), [`127.0.0.1:${port}`, "."], { stdio: "ignore" });
    try {
      while (!(await listens(port))) await sleep(20);
      const received = await watch(server.pid!, () => askGo(port), /\/(?:bytes|echo)[^ ]*\?i=\d+/);
      const last = received.at(-1)!;
      await workbench.table.locator(`.row[aria-label*=${JSON.stringify(last.target)}]`).waitFor();
      await workbench.rows(last.target).click();
      await workbench.response(last.target).digest.getByText(last.body.sha256).waitFor();
      await workbench.command("Tinytap: Stop Capture");
      await workbench.command("Tinytap: Clear");
      await page.locator(".pane-body .message").getByText(total).waitFor({ state: "detached" });
    } finally {
      server.kill();
    }
  });

  test("gRPC: every call is listed, none of them failed, and no byte is missing", async () => {
    const { page, workbench } = window;
    const server = await serveGrpc();
    try {
      await watch(server.pid, () => callGrpc(Number(server.address.split(":")[1])), /UnaryCall/);
      await workbench.command("Tinytap: Filter Exchanges…");
      await page.keyboard.type("-is:error -is:gap status:200");
      await page.keyboard.press("Enter");
      await page.locator(".pane-body .message").getByText(`${total} of ${total} exchanges`).waitFor();
      assert.equal(await workbench.rows("no response").count(), 0);
    } finally {
      server.stop();
    }
  });
});
