/** The table's page, by keyboard and mouse, with the extension's own session and model behind it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, beforeEach, test } from "node:test";
import type { Locator } from "playwright-core";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { ensureBrowser } from "../../../scripts/browser.ts";
import { whyNotInstalled } from "../../../scripts/packages.mjs";
import { standing } from "../extension/standing.ts";
import { put, summary } from "../extension/summaries.ts";
import { TableInChromium } from "./table-chromium.ts";
import { rowsOfSamples } from "./table-samples.ts";

const skip = (await whyNotInstalled(ensureBrowser)) ?? false;

let table: TableInChromium;
/** Each test has a run of its own. */
let run = 0;

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

const rows = (): Locator => table.page.locator(".row");
const row = (text: string): Locator => table.page.locator(`.row[aria-label*=${JSON.stringify(text)}]`);
const selected = (): Locator => table.page.locator(".row[aria-selected=true]");
const grid = (): Locator => table.page.getByRole("grid");
const field = (): Locator => table.page.getByRole("combobox", { name: "Filter exchanges" });

/** `count` rows, the newest of which has the highest number. */
function captured(count: number, from = 1): void {
  const fields = { method: "GET", status: 200, contentType: "text/plain", host: "shop", duration: 1 };
  const made: ExchangeSummary[] = [];
  for (let id = from; id < from + count; id++)
    made.push(summary(id, { ...fields, target: `/n/${id}`, start: id, size: id % 100 }));
  put(table.exchanges, run, made);
}

test(
  "rows of every kind: the newest first, each one sentence for who listens, and nothing of what is quiet is marked",
  { skip },
  async () => {
    put(table.exchanges, run, rowsOfSamples());
    await rows().first().waitFor();
    assert.equal(await rows().count(), 14);
    assert.match(
      (await rows().nth(1).getAttribute("aria-label")) ?? "",
      /^204, PUT \/api\/cart\/items\/1, 2\.4 ms, 0 B, /,
    );
    assert.match((await row("/files/").textContent()) ?? "", /200.*GET.*4\.3 MB lost.*tar.*67 MB.*190 ms/s);
    assert.equal(await row("/static/app.css").locator(".codicon").count(), 0);
    assert.equal(await row("/api/checkout").locator(".codicon-error").count(), 1);
    assert.equal(await row("/v1/stock").locator(".port").textContent(), ":9090");
    assert.match(
      (await table.page.locator(".sum").textContent()) ?? "",
      /^14 requests · 67 MB · 5 errors · 2 with/,
    );
    assert.deepEqual(table.complaints, []);
  },
);

test(
  "keys go through the rows, the exchange is shown once they rest, Enter opens it, Escape goes back to the newest",
  { skip },
  async () => {
    captured(300);
    await row("/n/300,").waitFor();
    await grid().focus();
    await grid().evaluate(pressDown, 5);
    await selected().and(row("/n/296,")).waitFor();
    await table.page.waitForTimeout(200);
    assert.deepEqual(table.opened, [[`${run}:296`, false]], "not those on the way");
    const active = await grid().getAttribute("aria-activedescendant");
    assert.equal(active, await selected().getAttribute("id"));
    captured(7, 301);
    await table.page.getByRole("button", { name: "7 new" }).waitFor();
    assert.equal(await selected().getAttribute("aria-rowindex"), "6", "it holds still");
    for (const [key, id] of [
      ["End", 1],
      ["ArrowUp", 2],
      ["Home", 300],
    ] as const) {
      await table.page.keyboard.press(key);
      await selected()
        .and(row(`/n/${id},`))
        .waitFor();
    }
    await table.page.keyboard.press("PageDown");
    const paged = await selected().getAttribute("aria-rowindex");
    assert.ok(Number(paged) > 6 && Number(paged) < 20, paged ?? "");
    await table.page.keyboard.press("Enter");
    while (table.opened.at(-1)?.[1] !== true) await table.page.waitForTimeout(10);
    await table.page.keyboard.press("Escape");
    await row("/n/307,").waitFor();
    assert.equal(await selected().count(), 0);
  },
);

test(
  "with the selected row goes what was held for it, as by Clear, also while an older exchange is in flight",
  { skip },
  async () => {
    put(table.exchanges, run, [summary(1, { method: "GET", target: "/slow", state: "in-flight" })]);
    captured(5, 2);
    await row("/n/6,").click();
    await selected().waitFor();
    table.exchanges.clear();
    captured(2, 7);
    await row("/n/8,").waitFor();
    assert.equal(await selected().count(), 0);
    await table.page.keyboard.press("ArrowDown");
    await selected().and(row("/n/8,")).waitFor();
  },
);

test("a scroll holds every row where it is; the button leads back to the newest", { skip }, async () => {
  captured(300);
  await row("/n/300,").waitFor();
  await grid().evaluate(scrollTo, 100 * 22);
  await row("/n/200,").waitFor();
  const place = await row("/n/200,").boundingBox();
  captured(50, 301);
  await table.page.getByRole("button", { name: "50 new" }).waitFor();
  assert.deepEqual(await row("/n/200,").boundingBox(), place);
  await table.page.getByRole("button", { name: "50 new" }).click();
  await row("/n/350,").waitFor();
  assert.equal(
    await table.page.getByRole("button", { name: "Follow", exact: true }).getAttribute("aria-pressed"),
    "true",
  );
});

test(
  "a click holds the rows that were clicked at, though newer ones are on their way to the page",
  { skip },
  async () => {
    captured(300);
    await row("/n/300,").waitFor();
    table.holdUp();
    const before = table.messages;
    captured(400, 301);
    while (table.messages === before) await table.page.waitForTimeout(5);
    await row("/n/298,").click();
    table.arrive();
    await table.page.getByRole("button", { name: "400 new" }).waitFor();
    assert.match((await rows().first().getAttribute("aria-label")) ?? "", /\/n\/300,/);
    assert.equal(await selected().and(row("/n/298,")).count(), 1);
  },
);

test(
  "of a hundred thousand rows the page has those in view, whichever way it is scrolled or sorted",
  { skip },
  async () => {
    captured(100_000);
    await row("/n/100000,").waitFor();
    table.told = 0;
    await grid().evaluate(scrollTo, 50_000 * 22);
    await row("/n/50000,").waitFor();
    assert.ok((await rows().count()) < 150);
    assert.ok(table.told < 200_000, `${table.told} characters`);
    await grid().focus();
    await table.page.keyboard.press("End");
    await selected().and(row("/n/1,")).waitFor();
    await table.page.getByRole("button", { name: "Size" }).click();
    await grid().evaluate(scrollTo, 0);
    await row("99 B").first().waitFor();
    await table.page.getByRole("button", { name: "Size" }).click();
    await row("0 B").first().waitFor();
    assert.equal(
      await table.page.getByRole("columnheader", { name: "Size" }).getAttribute("aria-sort"),
      "ascending",
    );
    assert.equal(await grid().getAttribute("aria-rowcount"), "100001");
  },
);

test(
  "in a flood the page is told at a pace that it can follow, and ends on the newest",
  { skip },
  async () => {
    captured(1);
    await row("/n/1,").waitFor();
    table.messages = 0;
    for (let batch = 0; batch < 20; batch++) {
      captured(50, 2 + 50 * batch);
      await table.page.waitForTimeout(50);
    }
    await row("/n/1001,").waitFor();
    // A batch each 50 ms, an update each 250 at most.
    assert.ok(table.messages <= 10, `${table.messages} messages for 20 batches`);
  },
);

test("what changes is sent, and what is the same is not", { skip }, async () => {
  captured(60);
  put(table.exchanges, run, [summary(61, { method: "GET", target: "/slow", state: "in-flight" })]);
  await row("/slow").waitFor();
  await table.page.waitForTimeout(600);
  table.told = 0;
  put(table.exchanges, run, [summary(61, { method: "GET", target: "/slow", status: 200, duration: 9 })]);
  await row("200, GET /slow, 9.0 ms").waitFor();
  assert.ok(table.told < 3000, `${table.told} characters for one row`);
});

test(
  "the filter is completed from what rows have, says what it does, marks what it doesn't understand, and is cleared by Escape",
  { skip },
  async () => {
    put(table.exchanges, run, rowsOfSamples());
    await rows().first().waitFor();
    await grid().focus();
    await table.page.keyboard.press("/");
    await table.page.keyboard.type("meth");
    await table.page.getByRole("option", { name: "method:" }).waitFor();
    await table.page.keyboard.press("ArrowDown");
    await table.page.keyboard.press("Enter");
    await table.page.getByRole("option", { name: "POST" }).click();
    await table.page.locator(".said").getByText("2 of 14: method POST").waitFor();
    assert.equal(await field().inputValue(), "method:POST ");
    assert.equal(await rows().count(), 2);
    await table.page.keyboard.type("status:40");
    await table.page.locator(".wrong").getByText("status:40").waitFor();
    await table.page.locator(".said").getByText("40 is no code").waitFor();
    await field().fill("path:/nothing");
    await table.page.getByText("None of 14 exchanges pass the filter: path with /nothing.").waitFor();
    await table.page.getByRole("status").getByText("0 of 14: path with /nothing").waitFor();
    await table.page.locator(".empty").getByRole("button", { name: "Clear the Filter" }).click();
    while (table.acts.length === 0) await table.page.waitForTimeout(5);
    assert.deepEqual(table.acts.splice(0), ["clearFilter"]);
    await field().fill("");
    await rows().nth(13).waitFor();
    await field().fill("is:error");
    await table.page.locator(".said").getByText("5 of 14: failed").waitFor();
    await field().press("Escape");
    await field().press("Escape");
    await rows().nth(13).waitFor();
    assert.equal(table.filter.filter.text, "");
  },
);

test(
  "a call by gRPC that failed has its code's word and colour, and counts as an error, as in the tree",
  { skip },
  async () => {
    const call = { method: "POST", target: "/S/Get", status: 200, duration: 1 };
    put(table.exchanges, run, [
      summary(1, { ...call, grpcStatus: 0 }),
      summary(2, { ...call, grpcStatus: 5 }),
      summary(3, { ...call, grpcStatus: 13 }),
    ]);
    for (const [word, colour] of [
      ["NOT_FOUND", "warning"],
      ["INTERNAL", "error"],
    ] as const) {
      const failed = row(`200 · ${word}, `);
      await failed.locator(`.word.${colour}`).getByText(word).waitFor();
      assert.equal(await failed.locator(`.status .${colour}`).last().getAttribute("title"), `200 · ${word}`);
    }
    assert.equal(await table.page.locator(".row.failed").count(), 2);
    await table.page.locator(".sum").getByText("2 errors").waitFor();
  },
);

test("without rows it says why, also when that changes, and proposes what one can do", { skip }, async () => {
  const says = (text: string) => table.page.locator(".empty p").getByText(text).waitFor();
  await says("See the HTTP requests of your program");
  table.state.set({ phase: "failed", cause: "no-root", message: "" });
  await says("Root was refused, so nothing is captured.");
  await table.page.getByRole("button", { name: "Check This Machine" }).click();
  while (table.acts.length === 0) await table.page.waitForTimeout(5);
  assert.deepEqual(table.acts.splice(0), ["checkMachine"]);
  table.state.set({ phase: "capturing", ...standing() });
  await says("Capturing. No process is watched yet.");
  table.state.set({ phase: "stopped" });
});

test(
  "columns are chosen, widened by keys and by mouse, and stay so when the page is made anew",
  { skip },
  async () => {
    captured(3);
    await rows().first().waitFor();
    await table.page.getByRole("button", { name: "Columns" }).click();
    await table.page.getByRole("menuitemcheckbox", { name: "Process" }).click();
    await table.page.getByRole("menuitemcheckbox", { name: "Host" }).click();
    await table.page.keyboard.press("Escape");
    const head = (name: string) => table.page.getByRole("columnheader", { name });
    const width = async (name: string) => (await head(name).boundingBox())?.width ?? 0;
    const before = await width("Method");
    await head("Status").getByRole("button").focus();
    await table.page.keyboard.press("ArrowRight");
    await table.page.keyboard.press("Shift+ArrowRight");
    assert.equal(await width("Method"), before + 10);
    const grip = (await head("Method").locator(".grip").boundingBox())!;
    await table.page.mouse.move(grip.x + 4, grip.y + 5);
    await table.page.mouse.down();
    await table.page.mouse.move(grip.x + 44, grip.y + 5);
    await table.page.mouse.up();
    const wide = await width("Method");
    assert.ok(wide >= before + 49 && wide <= before + 51, `${wide}`);
    await table.reload("light");
    await rows().first().waitFor();
    assert.deepEqual(
      [await width("Method"), await head("Host").count(), await head("Process").count()],
      [wide, 0, 1],
    );
  },
);

test(
  "one run, or a recording, is shown by choice; when it goes, all that was captured",
  { skip },
  async () => {
    captured(3);
    const exchanges = [summary(1, { method: "GET", target: "/recorded", status: 200 })];
    const unasked = () => Promise.reject(new Error("none"));
    const source = { exchange: async () => null, body: unasked, search: unasked };
    const recorded = { ...source, exchanges, source: "Chrome", redacted: false, close: async () => {} };
    const { number } = await table.recordings.open("file:///a.har", "a.har", async () => recorded);
    await table.page.getByLabel("Run or recording").selectOption({ label: "a.har" });
    await row("/recorded").waitFor();
    assert.equal(await rows().count(), 1);
    await table.recordings.close(number);
    await row("/n/3,").waitFor();
  },
);

test("nothing captured becomes a part of the page, or looks like what it isn't", { skip }, async () => {
  const evil = '<img src=x onerror="document.title=1">';
  const fields = {
    method: "GET",
    target: `/${evil}\u202egpj.exe`,
    status: 200,
    host: evil,
    contentType: `text/${evil}`,
  };
  put(table.exchanges, run, [summary(1, { ...fields, process: evil })]);
  await rows().first().waitFor();
  await table.page.getByRole("button", { name: "Columns" }).click();
  await table.page.getByRole("menuitemcheckbox", { name: "Process" }).click();
  await field().fill(`path:"${evil.replaceAll('"', "")}`);
  await table.page.locator(".said").getByText("of 1:").waitFor();
  await field().fill("host:");
  await table.page.waitForTimeout(300);
  assert.deepEqual([await table.page.locator("img").count(), await table.page.title()], [0, "Network"]);
  const text = (await table.page.locator("main").textContent()) ?? "";
  assert.ok(text.includes("onerror") && !text.includes("\u202e"));
  assert.deepEqual(table.complaints, []);
});

test("axe finds nothing to complain of, in four themes", { skip }, async (t) => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  put(table.exchanges, run, rowsOfSamples());
  for (const theme of ["dark", "light", "hcDark", "hcLight"] as const) {
    table.filter.set("");
    await table.reload(theme);
    await row("/api/checkout").click();
    await field().fill("status:40 m");
    await table.page.getByRole("option").first().waitFor();
    // Past the page's policy, which lets no other script in.
    const session = await table.page.context().newCDPSession(table.page);
    const evaluate = async (expression: string) =>
      (await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })).result
        .value;
    await evaluate(`${axe}; 0`);
    // A panel of VS Code's has its heading in VS Code.
    const violations = (await evaluate(
      "axe.run({ rules: { 'page-has-heading-one': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => html.slice(0, 150) + ' ' + any.map(({ message }) => message).join()).join(' | ')))",
    )) as string[];
    t.diagnostic(`${theme}: ${violations.length}`);
    assert.deepEqual(violations, [], theme);
  }
});

/** Faster than any machine is slow. */
function pressDown(element: { dispatchEvent(event: Event): void }, times: number): void {
  const { KeyboardEvent } = globalThis as unknown as {
    KeyboardEvent: new (type: string, init: object) => Event;
  };
  for (let i = 0; i < times; i++) element.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
}

/** What of an element these tests use: the page's types aren't ours. */
function scrollTo(element: { scrollTop: number }, top: number): void {
  element.scrollTop = top;
}
