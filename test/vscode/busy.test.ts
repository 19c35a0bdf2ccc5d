/** The window under traffic, which a stand-in helper makes: what is shown is live, and what a person does there holds. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Locator, Page } from "playwright-core";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import type { StandIns } from "../stand-in/stand-ins.ts";
import { FrameClock } from "./frame-clock.ts";
import { p95 } from "./percentile.ts";
import { RowClicks } from "./row-clicks.ts";
import { RowClock } from "./row-clock.ts";
import { openStandInWindow, type StandInWindow } from "./stand-in-window.ts";
import { whyNoWindow } from "./why-no-window.ts";

/** Seconds of traffic for each measurement. */
const seconds = Number(process.env["TINYTAP_BUSY_SECONDS"] ?? 4);
/** Milliseconds from a response's end to its row on screen, for 95 of 100. */
const live = 500;
/** A row passes five processes, and VS Code waits for the end of a burst: beside a single frame it may take so many times as long. */
const hops = 12;

const skip = (await whyNoWindow()) ?? false;

describe("the window under traffic", { skip }, () => {
  let window: StandInWindow;
  let standIns: StandIns;
  let browser: Browser;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    window = await openStandInWindow("busy");
    ({ standIns, browser, page, workbench } = window);
    await window.startCapture();
  });

  after(() => window.close());

  /** The age of rows when they came on screen, and beside them of frames without Tinytap: milliseconds, 95 of 100. */
  async function lateness(
    rate: number,
    seconds: number,
  ): Promise<{ rows: number; frames: number; seen: number }> {
    const clock = new RowClock(page);
    const frames = await FrameClock.start(browser);
    await clock.start();
    const all = await standIns.run({ do: "traffic", rate, seconds, sizes: [200, 2000, 20_000] });
    await sleep(1500);
    const { ages, newest } = await clock.stop();
    assert.equal(newest, all - 1, "the last one is among them");
    return { rows: p95(ages), frames: p95(await frames.stop()), seen: ages.length };
  }

  for (const rate of [20, 1000])
    test(`at ${rate} a second a row is on screen within ${live} ms of its response's end, 95 of 100, where the machine can`, async (t) => {
      // The best of three: a burst of other work can hit the rows and miss the frames.
      for (let tries = 1; ; tries++) {
        const { rows, frames, seen } = await lateness(rate, seconds);
        t.diagnostic(`95 of 100: ${seen} rows within ${rows} ms, frames without Tinytap within ${frames} ms`);
        // At a high rate most rows have gone again before the eye could meet them.
        assert.ok(seen >= Math.min(rate * seconds * 0.95, 20 * seconds), `${seen} rows were seen`);
        if (rows < Math.max(live, hops * frames)) return;
        assert.ok(tries < 3, `${rows} ms, where a frame takes ${frames} ms`);
      }
    });

  /** Runs `body` while traffic goes on. */
  async function underTraffic(rate: number, body: () => Promise<void>): Promise<void> {
    const traffic = standIns.run({ do: "traffic", rate, seconds: 120 });
    try {
      await workbench.rows("GET /traffic/").first().waitFor();
      await body();
    } finally {
      await standIns.run({ do: "stop" });
      await traffic;
    }
  }

  /** What stands above the rows. */
  const message = () => page.locator(".pane-body .message");
  const topRow = () => workbench.rows("GET ").first();

  test("another view that is chosen under traffic stays open", () =>
    underTraffic(20, async () => {
      await page
        .locator(".activitybar")
        .getByRole("tab", { name: /Explorer/ })
        .click();
      const explorer = page.locator(".pane-header", { hasText: "examples" });
      await explorer.waitFor();
      await sleep(2000);
      assert.ok(await explorer.isVisible());
      assert.equal(await workbench.rows("GET /traffic/").count(), 0);
      await workbench.command("Tinytap: Focus on HTTP Exchanges View");
      await workbench.rows("GET /traffic/").first().waitFor();
    }));

  test("while a row is selected the list holds still and counts what is new; Escape lets it go on", () =>
    underTraffic(20, async () => {
      await workbench.rows("GET /traffic/").nth(2).click();
      await message().getByText(" new · ").waitFor();
      const held = await topRow().textContent();
      await sleep(1500);
      assert.equal(await topRow().textContent(), held);
      // By keys it goes on from where it is, wherever the click has hit.
      const place = async (row: Locator) => Number(await row.getAttribute("data-index"));
      const selected = await place(page.locator(".pane-body .monaco-list-row.selected"));
      await page.keyboard.press("ArrowDown");
      const next = page.locator(".pane-body .monaco-list-row.focused");
      assert.equal(await place(next), selected + 1);
      const target = /\/traffic\/\d+/.exec((await next.textContent()) ?? "")?.[0];
      // Where the keys rest, the exchange is shown.
      await workbench.panel.locator("h1").getByText(`${target}?at`).waitFor();
      await page.keyboard.press("Escape");
      await message().getByText(" new · ").waitFor({ state: "detached" });
      while ((await topRow().textContent()) === held) await sleep(50);
    }));

  for (const rate of [20, 1000])
    test(`at ${rate} a second ten clicks on different rows open ten exchanges`, () =>
      underTraffic(rate, async () => {
        const clicks = new RowClicks(page);
        const opened = new Set<string>();
        for (let row = 0; opened.size < 10; row = (row + 1) % 10) {
          const hit = /\/traffic\/\d+\?at=/.exec(
            (await clicks.click(workbench.rows("GET /traffic/").nth(row))) ?? "",
          );
          // VS Code takes no click whose row it draws anew between press and release.
          if (hit === null) continue;
          await workbench.panel.locator("h1").getByText(hit[0]).waitFor();
          opened.add(hit[0]);
          await page.keyboard.press("Escape");
        }
      }));

  test("a click opens a row in flight that changes while the window is too busy to see it change", async () => {
    await standIns.run({ do: "hold", targets: ["/late/1", "/late/2"] });
    const clicks = new RowClicks(page);
    for (const target of ["/late/1", "/late/2"]) {
      const row = workbench.rows(`GET ${target}`);
      await row.waitFor();
      // More than a second: as often what is in flight is shown anew.
      await clicks.clickWhileBusy(row, 1300);
      await workbench.panel.locator("h1").getByText(target).waitFor();
    }
    await page.keyboard.press("Escape");
    await standIns.run({ do: "answer" });
  });

  test("a row's tooltip comes and stays while another exchange is in flight", async () => {
    await standIns.run({ do: "hold", targets: ["/late/3"] });
    await workbench.rows("GET /late/3").waitFor();
    await workbench.rows("GET /traffic/").first().hover();
    const tooltip = page.getByText("Received by");
    await tooltip.waitFor();
    await sleep(1200);
    assert.ok(await tooltip.isVisible());
    await standIns.run({ do: "answer" });
  });

  test("the list follows and holds by command too, also twice, and without a selection", () =>
    underTraffic(20, async () => {
      for (let twice = 0; twice < 2; twice++)
        await workbench.command("Tinytap: Stop Following the Newest Exchange");
      await message().getByText(" new · ").waitFor();
      for (let twice = 0; twice < 2; twice++) await workbench.command("Tinytap: Follow the Newest Exchange");
      await message().getByText(" new · ").waitFor({ state: "detached" });
    }));

  test("a selection in a body that grows survives, and nothing of the body is twice or missing", async () => {
    const growing = standIns.run({ do: "grow", target: "/log", lines: 20, interval: 50, steps: 100 });
    await workbench.rows("GET /log").first().click();
    await workbench.panel.locator("h1", { hasText: "/log" }).waitFor();
    await underTraffic(20, async () => {
      const { text, digest } = workbench.response("/log");
      await text.getByText("line 100").waitFor();
      await text.evaluate(selectLines);
      const selected = await text.evaluate(selection);
      assert.match(selected, /line 1\nline 2\n/);
      const before = (await text.textContent()) ?? "";
      await growing;
      await digest.getByText("SHA-256").waitFor();
      assert.equal(await text.evaluate(selection), selected);
      const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join("");
      assert.equal(await text.textContent(), lines);
      assert.ok(before.length < lines.length, "it grew meanwhile");
    });
  });

  test("a hidden tab shows, and so fetches and hashes, nothing until it is chosen", () =>
    underTraffic(20, async () => {
      await workbench.panel.getByRole("tab", { name: "Request" }).click();
      await workbench.rows("GET /traffic/").nth(1).click();
      const shown = workbench.panel.locator("main", {
        has: workbench.panel.locator("h1", { hasText: "/traffic/" }),
      });
      await shown.locator("#panel-request .content").getByText("No body.").waitFor();
      const hidden = shown.locator("#panel-response");
      assert.deepEqual(
        [await hidden.locator(".digest").textContent(), await hidden.locator(".content").textContent()],
        ["", ""],
      );
      await workbench.panel.getByRole("tab", { name: "Response" }).click();
      await hidden.locator(".digest").getByText("SHA-256").waitFor();
    }));

  test("a panel that was hidden comes back with its exchange, its mode and its place", () =>
    underTraffic(20, async () => {
      await workbench.rows("GET /traffic/").first().click();
      await workbench.panel.getByRole("button", { name: "Hex" }).click();
      await workbench.panel.locator(".hex .row").first().waitFor();
      const asked = await workbench.panel.locator("h1").textContent();
      await workbench.panel.locator("body").evaluate(scrollDown);
      await sleep(300);
      await workbench.command("File: New Untitled Text File");
      await page.locator(".tab", { hasText: "Untitled" }).waitFor();
      await sleep(500);
      await page.locator(".tab", { hasText: "GET /traffic" }).click();
      await workbench.panel.locator(".hex .row").first().waitFor();
      assert.equal(await workbench.panel.locator("h1").textContent(), asked);
      await workbench.panel.locator(".modes button[aria-pressed=true]").getByText("Hex").waitFor();
      assert.equal(await workbench.panel.locator("body").evaluate(scrolled), 120);
    }));

  test("Clear and Stop Capture under traffic, each done twice, and a start that is cancelled half-way", async () => {
    await underTraffic(1000, async () => {
      for (let twice = 0; twice < 2; twice++) {
        await workbench.command("Tinytap: Clear");
        // It goes on at once with what is new.
        await workbench.rows("GET /traffic/").first().waitFor();
      }
      await workbench.command("Tinytap: Stop Capture");
      await page.getByRole("button", { name: "Start Capture" }).first().waitFor();
      await sleep(500);
      const last = await page.locator(".statusbar-item", { hasText: "Tinytap" }).textContent();
      await sleep(1000);
      assert.equal(await page.locator(".statusbar-item", { hasText: "Tinytap" }).textContent(), last);
      assert.ok(await workbench.rows("GET /traffic/").first().isVisible(), "what was captured stays");
    });
    const starts = standIns.starts;
    await workbench.command("Tinytap: Start Capture");
    await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    await page.keyboard.press("Escape");
    await sleep(500);
    assert.equal(standIns.starts, starts);
  });

  test("a helper that is killed under traffic is followed by another, and the list is live again", async () => {
    await window.startCapture();
    const traffic = standIns.run({ do: "traffic", rate: 100, seconds: 60 });
    await workbench.rows("GET /traffic/").first().waitFor();
    const starts = standIns.starts;
    standIns.crash();
    await assert.rejects(traffic, /ended/);
    while (standIns.starts === starts || standIns.pid === undefined) await sleep(50);
    const clock = new RowClock(page);
    await clock.start();
    await standIns.run({ do: "traffic", rate: 20, seconds: 2 });
    await sleep(2000);
    assert.equal((await clock.stop()).newest, 39);
  });

  test("after Reload Window the panel says that its helper and its bodies are gone", async () => {
    await workbench.rows("GET /traffic/").first().click();
    await workbench.panel.locator("h1").getByText("/traffic/").waitFor();
    await page.reload();
    await workbench.panel.getByText("This window was reloaded").waitFor({ timeout: 60_000 });
  });
});

/** What of an element's page these tests use: the window's types aren't ours. */
interface InPage {
  firstChild: object;
  ownerDocument: {
    getSelection(): { setBaseAndExtent(...ends: [object, number, object, number]): void; toString(): string };
    defaultView: { scrollY: number; scrollTo(x: number, y: number): void };
  };
}

function selectLines({ firstChild, ownerDocument }: InPage): void {
  ownerDocument.getSelection().setBaseAndExtent(firstChild, 7, firstChild, 40);
}

function selection({ ownerDocument }: InPage): string {
  return ownerDocument.getSelection().toString();
}

function scrollDown({ ownerDocument }: InPage): void {
  ownerDocument.defaultView.scrollTo(0, 120);
}

function scrolled({ ownerDocument }: InPage): number {
  return ownerDocument.defaultView.scrollY;
}
