/** Headers, cookies, the query and the time: as tables that can be looked through and copied, and as a bar in words. */
import assert from "node:assert/strict";
import { phasesOf, phasesText } from "../../../webview/detail/phases.ts";
import { exchange } from "../recording/exchange.ts";
import { test } from "node:test";
import { bytes, sees, widthsOf, window } from "./seen.ts";

type Headers = [string, string][];
const many: Headers = Array.from({ length: 25 }, (_, i) => [`X-Bird-${i}`, i % 2 ? `wren ${i}` : `tit ${i}`]);

/** Cells of a table that is seen, row by row. */
async function rows(page: typeof window.page, table: string): Promise<string[]> {
  const all = page.getByRole("table", { name: table, exact: true }).locator("tr:visible");
  return (await all.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());
}

sees("many headers can be looked through by name and value; few need no field", async (page) => {
  await window.show("/many", { response: { headers: many, bytes: bytes("x") } });
  const field = page.getByRole("searchbox", { name: "Find in 25 headers" });
  await field.fill("WREN 1");
  assert.deepEqual(
    await rows(page, "Headers"),
    [1, 11, 13, 15, 17, 19].map((i) => `X-Bird-${i} wren ${i}`),
  );
  await page.getByText("6 of 25", { exact: true }).waitFor();
  await field.fill("bird-24: tit");
  assert.deepEqual(await rows(page, "Headers"), ["X-Bird-24 tit 24"]);
  await window.show("/few", { response: { headers: many.slice(0, 10), bytes: bytes("x") } });
  await page.locator("h1", { hasText: "/few" }).waitFor();
  assert.equal(await page.getByRole("searchbox").count(), 0);
});

sees(
  "a head of which more came than is kept says so, beside the outcome and below its headers",
  async (page) => {
    const headCut = "limit" as const;
    await window.show("/cut", { response: { headers: many.slice(0, 2), bytes: bytes("x"), headCut } });
    const words = "the response's head is longer than the 256 KiB that are kept of one";
    await page.locator(".outcome").getByText(words).waitFor();
    await page.getByText(`No more than these: ${words}.`).waitFor();
    await window.show("/whole", { response: { headers: many.slice(0, 2), bytes: bytes("x") } });
    await page.locator("h1", { hasText: "/whole" }).waitFor();
    assert.equal(await page.getByText(words).count(), 0);
  },
);

sees("a header's value, and all of them, are copied as they were sent", async (page) => {
  window.copied.length = 0;
  const headers: Headers = [...many.slice(0, 2), ["X", "<b> \u202e"]];
  await window.show("/copy", { response: { headers, bytes: bytes("x") } });
  await page.getByRole("button", { name: "Copy the value of X", exact: true }).click();
  await page.getByRole("button", { name: "Copy all headers" }).click();
  await page.waitForTimeout(50);
  assert.deepEqual(window.copied, ["<b> \u202e", "X-Bird-0: tit 0\nX-Bird-1: wren 1\nX: <b> \u202e\n"]);
});

sees("the query and the cookies of both sides, decoded, in their order", async (page) => {
  await window.show("/q?a=1&b=x+y&a=%C3%A9&flag", {
    request: { headers: [["Cookie", "id=7; theme=dark"]], bytes: bytes("") },
    response: { headers: [["Set-Cookie", "id=8; Path=/; HttpOnly"]], bytes: bytes("x") },
  });
  await page.getByRole("table", { name: "Query" }).waitFor();
  assert.deepEqual(await rows(page, "Query"), ["a 1", "b x y", "a é", "flag"]);
  assert.deepEqual(await rows(page, "Cookies set"), ["id 8 Path=/; HttpOnly"]);
  await page.getByRole("tab", { name: "Request" }).click();
  assert.deepEqual(await rows(page, "Cookies"), ["id 7", "theme dark"]);
  assert.deepEqual(await rows(page, "Query"), ["a 1", "b x y", "a é", "flag"]);
  await page.getByRole("tab", { name: "Response" }).click();
});

sees("the time as a bar with its words, and who waited for whom", async (page) => {
  const timing = { duration: 40, requestEnd: 4, responseStart: 30, stalled: { response: 5 } };
  await window.show("/time", { response: { headers: [], bytes: bytes("x") } }, undefined, timing);
  const bar = page.getByRole("img", { name: /^Timing:/ });
  const stall = "the response waited 5.0 ms for the client to take more";
  assert.equal(
    await bar.getAttribute("aria-label"),
    `Timing: request 4.0 ms, waiting 26 ms, download 10 ms; ${stall}`,
  );
  const widths = await widthsOf(bar.locator("span"));
  assert.ok(Math.abs(widths[1]! / widths[0]! - 6.5) < 0.6, String(widths));
  const said = (await page.locator("details.timing:visible .facts").innerText()).replaceAll(/\s+/g, " ");
  assert.equal(
    said,
    `request 4.0 ms waiting 26 ms first byte after 30 ms download 10 ms flow control ${stall}`,
  );
});

test("phases: of what is known, without holes; what goes on is said so", () => {
  const { requestEnd: _, responseStart: __, duration: ___, ...bare } = exchange;
  const text = (fields: Partial<typeof exchange>, elapsed = 0) =>
    phasesText(phasesOf({ ...bare, ...fields }, elapsed));
  assert.equal(text({ duration: 3 }), "");
  assert.equal(text({ duration: 3, requestEnd: 1 }), "request 1.0 ms, waiting 2.0 ms");
  assert.equal(text({ duration: 3, responseStart: 1 }), "waiting 1.0 ms, download 2.0 ms");
  assert.equal(text({ state: "in-flight" }, 5), "request 5.0 ms so far");
  assert.equal(text({ state: "in-flight", requestEnd: 1 }, 5), "request 1.0 ms, waiting 4.0 ms so far");
  const answered = { state: "in-flight", requestEnd: 1, responseStart: 2 } as const;
  assert.equal(text(answered, 5), "request 1.0 ms, waiting 1.0 ms, download 3.0 ms so far");
  // The response began before the request had ended.
  assert.equal(
    text({ duration: 9, requestEnd: 5, responseStart: 2 }),
    "request 2.0 ms, waiting <0.1 ms, download 7.0 ms",
  );
});
