/** The table's rows, by keyboard and mouse: what they say, which are there, and how they hold still while others come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { summary } from "../extension/summaries.ts";
import { captured, grid, reported, row, rows, run, selected, skip, table } from "./fresh-table.ts";
import { rowsOfSamples } from "./table-samples.ts";

test(
  "rows of every kind: the newest first, each one sentence for who listens, and nothing of what is quiet is marked",
  { skip },
  async () => {
    reported(rowsOfSamples());
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
    reported([summary(1, { method: "GET", target: "/slow", state: "in-flight" })]);
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
  reported([summary(61, { method: "GET", target: "/slow", state: "in-flight" })]);
  await row("/slow").waitFor();
  await table.page.waitForTimeout(600);
  table.told = 0;
  reported([summary(61, { method: "GET", target: "/slow", status: 200, duration: 9 })]);
  await row("200, GET /slow, 9.0 ms").waitFor();
  assert.ok(table.told < 3000, `${table.told} characters for one row`);
});

test(
  "a call by gRPC that failed has its code's word and colour, and counts as an error, as in the tree",
  { skip },
  async () => {
    const call = { method: "POST", target: "/S/Get", status: 200, duration: 1 };
    reported([
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
