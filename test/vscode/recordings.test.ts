/** Recordings in the window: opened from disk beside a live capture, shown, closed; saved, and opened again. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Content, Har } from "har-format";
import type { Locator, Page } from "playwright-core";
import type { BodyFacts } from "../../recording/facts.ts";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import type { StandIns } from "../stand-in/stand-ins.ts";
import { browserHar, grpcHar, kettle, shopProto } from "./recorded-hars.ts";
import { openStandInWindow, type StandInWindow } from "./stand-in-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;
const tides = "All the tides";

describe("recordings in the window", { skip }, () => {
  let window: StandInWindow;
  let workspace: string;
  let home: string;
  let standIns: StandIns;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    window = await openStandInWindow("recordings");
    ({ workspace, home, standIns, page, workbench } = window);
    mkdirSync(join(home, "Downloads"));
    writeFileSync(join(workspace, "browser.har"), JSON.stringify(browserHar));
    writeFileSync(join(workspace, "broken.har"), JSON.stringify(browserHar).slice(0, -120));
  });

  after(() => window.close());

  /** Answers VS Code's own file dialog, which asks for a path in the place of the palette. */
  async function answerDialog(path: string): Promise<void> {
    await page.locator(".quick-input-widget .quick-input-title", { hasText: "Recording" }).waitFor();
    await workbench.answerDialog(path);
  }

  /** Whatever a test that failed has left open. */
  beforeEach(async () => {
    for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
  });

  async function openByPalette(name: string): Promise<void> {
    await workbench.command("Tinytap: Open Recording…");
    await answerDialog(join(workspace, name));
    await opened(name);
  }

  /** Its row is there, and VS Code has gone to it. */
  async function opened(name: string): Promise<void> {
    await head(name).and(page.locator(".selected")).waitFor();
  }

  /** Clicks a row until the panel shows the exchange: VS Code takes no click whose row it draws anew meanwhile. */
  async function show(row: string, body: string): Promise<void> {
    const { text } = workbench.response(row);
    for (let tries = 0; tries < 5; tries++) {
      await workbench.rows(row).first().click();
      const shown = await text
        .getByText(body)
        .first()
        .waitFor({ timeout: 5000 })
        .then(
          () => true,
          () => false,
        );
      if (shown) return;
    }
    assert.fail(`no click on ${row} shows it`);
  }

  /** Saves by the palette; `choices` are picked in turn. */
  async function saveByPalette(choices: readonly string[], path: string): Promise<void> {
    await workbench.command("Tinytap: Save Recording…");
    for (const choice of choices)
      await page.locator(".quick-input-list .monaco-list-row", { hasText: choice }).first().click();
    await answerDialog(path);
  }

  /** A recording's own row. */
  const head = (name: string): Locator =>
    page.locator(".pane-body .monaco-list-row[aria-level='1']", { hasText: name });

  /** What VS Code has told: toasts it shows to no smoke test. Its list opens only when there is something in it. */
  async function notification(text: RegExp, timeout = 30_000): Promise<Locator> {
    const found = page.locator(".notifications-center .notification-list-item", { hasText: text }).first();
    for (let left = timeout; left > 0; left -= 3000) {
      await workbench.command("Notifications: Show Notifications");
      if (
        await found.waitFor({ timeout: 3000 }).then(
          () => true,
          () => false,
        )
      )
        return found;
    }
    throw new Error(`nothing was told of ${String(text)}`);
  }

  async function close(name: string): Promise<void> {
    await head(name).hover();
    await head(name).getByRole("button", { name: "Close Recording" }).click();
    await head(name).waitFor({ state: "detached" });
  }

  test("opened by palette and path, a browser's recording is a run of its own: rows, detail, body", async () => {
    await openByPalette("browser.har");
    await head("browser.har").getByText("2 exchanges").waitFor();
    await show("/shop/items", kettle);
    await window.screenshot("recording-detail");
  });

  test("a call by gRPC: by number, until the settings name a file that describes it", async () => {
    writeFileSync(join(workspace, "grpc.har"), JSON.stringify(grpcHar));
    await openByPalette("grpc.har");
    await workbench.rows("/shop.v1.Shop/Buy").first().click();
    await workbench.panel.getByText('1: "kettle"').first().waitFor();
    // A recorded server may be another one by now.
    assert.equal(await workbench.panel.getByRole("button", { name: "Ask" }).count(), 0);
    await window.screenshot("grpc-by-number");
    mkdirSync(join(workspace, "proto"), { recursive: true });
    writeFileSync(join(workspace, "proto/shop.proto"), shopProto);
    writeFileSync(join(workspace, "proto/broken.proto"), 'syntax = "proto3"; message {');
    const settings = join(workspace, ".vscode/settings.json");
    const before = existsSync(settings) ? JSON.parse(readFileSync(settings, "utf8")) : {};
    writeFileSync(settings, JSON.stringify({ ...before, "tinytap.grpc.protoFiles": ["proto"] }));
    await workbench.panel.getByText('{ "name": "kettle", "colour": "RED" }').waitFor();
    await workbench.panel.getByText("read by the files of tinytap.grpc.protoFiles").waitFor();
    await window.screenshot("grpc-by-files");
    // A file that changes is read anew.
    writeFileSync(join(workspace, "proto/shop.proto"), shopProto.replaceAll("RED", "BLUE"));
    await workbench.panel.getByText('{ "name": "kettle", "colour": "BLUE" }').waitFor();
    await workbench.command("Tinytap: Ask the Server for Its gRPC Descriptors");
    await notification(/This call was recorded: at its address there may be another server now/);
    await close("grpc.har");
  });

  test("opened twice it is there once", async () => {
    await openByPalette("browser.har");
    assert.equal(await head("browser.har").count(), 1);
    assert.equal(await workbench.rows("/shop/items").count(), 1);
  });

  test("beside a live capture both are shown and read; the capture stays live below", async () => {
    await window.startCapture();
    await standIns.run({ do: "traffic", rate: 50, seconds: 0.2 });
    await workbench.rows("GET /traffic/9").waitFor();
    await show("/traffic/9", tides);
    await show("/shop/items", kettle);
    // What is selected above doesn't hold the list below.
    await standIns.run({ do: "traffic", rate: 50, seconds: 0.04 });
    await workbench.rows("GET /traffic/0").nth(1).waitFor();
    await window.screenshot("recording-beside-capture");
  });

  test("text is found in bodies of the capture and of the recording, and opened where it stands", async () => {
    const input = page.locator(".quick-input-widget input");
    const hits = page.locator(".quick-input-list .monaco-list-row");
    const found = page.locator(".quick-input-title", { hasText: "14 hits in 14 exchanges" });
    await workbench.command("Tinytap: Find in Exchanges…");
    await input.fill(`/${tides.toUpperCase()}|${kettle}/i`);
    await found.waitFor();
    await window.screenshot("find");
    const first = await hits.first().textContent();
    assert.match(first ?? "", /GET \/traffic\/1.*response body: All the tides of the week/);
    // From the first up to the last, which is of the recording.
    await page.keyboard.press("ArrowUp");
    const last = page.locator(".quick-input-list .monaco-list-row.focused");
    await last.filter({ hasText: /\/shop\/items.*browser\.har.*response body: a kettle/ }).waitFor();
    await page.keyboard.press("Enter");
    await workbench.response("/shop/items").text.getByText(kettle).waitFor();
    // In the list the same key as anywhere; what was looked for last is there again.
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await page.keyboard.press("Control+f");
    await found.waitFor();
    await input.fill("/(/");
    await hits.getByText("Unterminated group").waitFor();
    await page.keyboard.press("Escape");
  });

  test("a broken recording shows what could be read, and says in its row where it breaks", async () => {
    await openByPalette("broken.har");
    await head("broken.har")
      .getByText(/\d.* · 1 exchange/)
      .waitFor();
    await close("broken.har");
  });

  test("saved, the capture is opened again with equal rows and bodies, and nothing of it is in the workspace", async () => {
    const path = join(home, "Downloads", "saved.har");
    await saveByPalette(["Capture of", "As captured"], path);
    const said = await notification(/saved\.har has 12 exchanges\./);
    await said.getByRole("button", { name: "Open It" }).click();
    await opened("saved.har");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(home, "Downloads")), ["saved.har"]);
    await close("browser.har");
    await workbench.rows("GET /traffic/").nth(23).waitFor();
    const rows = await workbench.rows("GET /traffic/").allTextContents();
    assert.deepEqual([rows.length, rows.slice(0, 12)], [24, rows.slice(12)]);
    await show("/traffic/9", tides);
    await window.screenshot("recording-saved");
  });

  test("a directory that can't be written is named in words, and nothing is left behind", async () => {
    await saveByPalette(["saved.har", "Without credentials"], "/proc/no.har");
    await notification(/no\.har was not saved: /);
  });

  test("after Reload Window the panel on a recording opens its file again, and shows what it showed last", async () => {
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await show("/traffic/5", tides);
    await show("/traffic/3", tides);
    // In a browser VS Code can't write while its page goes: it does so every five seconds, and knows no later state.
    await sleep(7000);
    // What stands there until then is no proof.
    const loaded = page.waitForEvent("load", { timeout: 60_000 });
    await workbench.command("Developer: Reload Window");
    await loaded;
    const { text } = workbench.response("/traffic/3");
    await text.getByText(tides).first().waitFor({ timeout: 60_000 });
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await head("saved.har").waitFor();
    await workbench.rows("GET /traffic/").nth(11).waitFor();
  });

  test("of a file that has changed since, the detail says so; of one that was closed, too", async () => {
    appendFileSync(join(home, "Downloads", "saved.har"), "\n");
    await workbench.rows("GET /traffic/4").first().click();
    await workbench.panel.getByText(/changed/).waitFor();
    await window.screenshot("recording-changed");
    await close("saved.har");
    await workbench.panel.getByText("The recording saved.har was closed.").waitFor();
    assert.ok(existsSync(join(home, "Downloads", "saved.har")));
  });

  test("from the explorer's menu, without a file dialog", async () => {
    await workbench.command("File: Focus on Files Explorer");
    const file = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "browser.har" });
    await workbench.choose(file, "Open Recording…");
    await workbench.rows("/shop/items").waitFor();
  });

  test("saved without credentials, none is in the file, and what is opened of it says so in its row and in the detail", async () => {
    const path = join(home, "Downloads", "shared.har");
    await saveByPalette(["Without credentials"], path);
    const said = await notification(/shared\.har has 2 exchanges/);
    assert.doesNotMatch(readFileSync(path, "utf8"), /tea-time/);
    await said.getByRole("button", { name: "Open It" }).click();
    await opened("shared.har");
    await head("shared.har").getByText("2 exchanges · without credentials").waitFor();
    await show("/shop/items", kettle);
    await workbench.panel.getByText("left out when the recording was saved").waitFor();
    await close("shared.har");
  });

  test("an opening that is cancelled half-way leaves no run and says nothing, and the same file opens afterwards", async () => {
    const path = join(workspace, "long.har");
    // One exchange, and then what takes long to read: numbers.
    const [entry] = browserHar.log.entries;
    const begin = JSON.stringify({ log: { entries: [entry] } }).slice(0, -2);
    writeFileSync(path, `${begin},"_numbers":[0${",0".repeat(60_000_000)}]}}`);
    await workbench.command("Tinytap: Open Recording…");
    await answerDialog(path);
    const progress = await notification(/Opening long\.har/);
    await progress.getByText("1 exchange").waitFor();
    await window.screenshot("recording-opening");
    await progress.getByRole("button", { name: "Cancel" }).click();
    await progress.waitFor({ state: "detached" });
    await page.waitForTimeout(1000);
    assert.equal(await head("long.har").count(), 0);
    assert.equal(await page.locator(".notification-list-item", { hasText: "long.har" }).count(), 0);
    writeFileSync(path, `${begin}}}`);
    await openByPalette("long.har");
    await close("long.har");
  });

  for (const rate of [100, 1000])
    test(`while ${rate} exchanges a second come in rows go on, and what is saved is whole and opens`, async () => {
      const name = `rush-${rate}.har`;
      const path = join(home, "Downloads", name);
      await openByPalette("browser.har");
      await window.startCapture();
      const traffic = standIns.run({ do: "traffic", rate, seconds: 120, sizes: [200, 2000, 20_000] });
      try {
        await saveByPalette(["Capture of", "As captured"], path);
        const said = await notification(new RegExp(`${name} (?:has|was not saved)`), 60_000);
        assert.match((await said.textContent()) ?? "", /has [\d,]+ exchanges/);
        const entries = whole(readFileSync(path, "utf8"));
        await said.getByRole("button", { name: "Open It" }).click();
        await opened(name);
        await head(name)
          .getByText(`${entries.toLocaleString("en-US")} exchange`)
          .waitFor();
        await close(name);
        const top = workbench.rows("GET /traffic/").first();
        await top.waitFor();
        const before = await top.textContent();
        for (let waited = 0; (await top.textContent()) === before; waited += 50) {
          assert.ok(waited < 20_000, "no row has come");
          await page.waitForTimeout(50);
        }
      } finally {
        await standIns.run({ do: "stop" });
        await traffic;
        await workbench.command("Tinytap: Stop Capture");
        await workbench.command("Tinytap: Clear");
      }
      assert.deepEqual(
        readdirSync(join(home, "Downloads")).filter((each) => each.endsWith(".part")),
        [],
      );
    });
});

/** The number of a saved capture's entries: each is there once, and every byte of its body is, or is missing by name. */
function whole(text: string): number {
  const { log } = JSON.parse(text) as Har & { log: { _tinytap: object } };
  assert.deepEqual(log._tinytap, { end: "complete" });
  for (const { request, response } of log.entries) {
    if (response.status === 0) continue; // it had no answer yet
    const content: Content & { _tinytap?: BodyFacts } = response.content;
    const missing = content._tinytap?.missing.reduce((sum, { start, end }) => sum + end - start, 0) ?? 0;
    assert.equal((content.text?.length ?? 0) + missing, content.size, request.url);
  }
  const urls = log.entries.map(({ startedDateTime, request }) => startedDateTime + request.url);
  assert.equal(new Set(urls).size, urls.length);
  return urls.length;
}
