/** What stands around the table's rows: filter, columns, the choice of what is shown, and what is said where nothing is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { standing } from "../extension/standing.ts";
import { summary } from "../extension/summaries.ts";
import { captured, field, grid, reported, row, rows, skip, table } from "./fresh-table.ts";
import { rowsOfSamples } from "./table-samples.ts";

test(
  "the filter is completed from what rows have, says what it does, marks what it doesn't understand, and is cleared by Escape",
  { skip },
  async () => {
    reported(rowsOfSamples());
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
  reported([summary(1, { ...fields, process: evil })]);
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
  reported(rowsOfSamples());
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
