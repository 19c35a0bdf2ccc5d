/** What is around bodies: heads, the other end, and where a search leads. */
import assert from "node:assert/strict";
import { bytes, sees, shown, window } from "./seen.ts";

sees("what comes before a response, and behind its body", async (page) => {
  const seen = await shown("text/plain", bytes("hello"), "hello", {
    interim: [{ status: 103, statusText: "Early Hints", headers: [["Link", "</a.css>"]], time: 12 }],
    trailers: [["Server-Timing", "db;dur=5"]],
  });
  assert.match(seen, /hello/);
  assert.match(await page.locator("#panel-response").innerText(), /TRAILERS\s+1\s+Server-Timing\s+db;dur=5/);
  await page.locator(".inner").getByText("103 Early Hints after 12 ms").click();
  await page.getByText("</a.css>").waitFor();
});

sees("the other end is a click away, where it was captured", async (page) => {
  const response = { headers: [], bytes: bytes("x") };
  await window.show("/alone", { response });
  await page.getByText("/alone").waitFor();
  assert.equal(await page.getByText("Other end").count(), 0);
  await window.show("/both", { response }, undefined, { otherEnd: 7 });
  await page.getByRole("button", { name: "Show what the client saw" }).click();
  assert.deepEqual(window.otherEnds, [7]);
});

sees(
  "the place that was searched for: in a long body, in a head, in a closed item; and it stays where the reader goes",
  async (page) => {
    const items = Array.from({ length: 400 }, (_, i) => ({ id: i, bird: i === 300 ? "wren" : "tit" }));
    const response = {
      headers: [["Content-Type", "application/json"]] as [string, string][],
      bytes: bytes(JSON.stringify(items)),
    };
    const request = { headers: [["X-Bird", "a wren"]] as [string, string][], bytes: bytes("bird=wren") };
    const both = { request, response };
    const place = { number: 1, part: "response", within: "body", text: "wren" } as const;
    const selected = async () => {
      await page.waitForFunction("getSelection().toString() !== ''");
      return page.evaluate(
        "(({ top }) => [getSelection().toString(), top > 0 && top < innerHeight])(getSelection().getRangeAt(0).getBoundingClientRect())",
      );
    };
    await window.show("/wren", both, place);
    assert.deepEqual(await selected(), ["wren", true]);
    await page.evaluate("getSelection().removeAllRanges(), scrollTo(0, 0)");
    await window.update("/wren", both, place);
    assert.equal(await page.evaluate("getSelection().toString() + scrollY"), "0");
    await window.update("/wren", both, { number: 2, part: "request", within: "heads", text: "a wren" });
    assert.deepEqual(await selected(), ["a wren", true]);
    assert.equal(await page.getByRole("tab", { name: "Request" }).getAttribute("aria-selected"), "true");
    const headers: [string, string][] = [["Link", "wren.css"]];
    const interim = [{ status: 103, statusText: "", headers, time: 1 }];
    const early = { ...both, response: { ...response, interim } };
    await window.show("/", early, { number: 3, part: "response", within: "heads", text: "wren.css" });
    assert.deepEqual(await selected(), ["wren.css", true]);
    const long = bytes(`${"a tit\n".repeat(100_000)}a wren\n`);
    const far = { number: 4, part: "response", within: "body", text: "wren" } as const;
    await window.show("/far", { response: { headers: [["Content-Type", "text/plain"]], bytes: long } }, far);
    await page.locator(".find .said").getByText("1 of 1", { exact: true }).waitFor();
    await page.getByText("Page 3 of 3").waitFor();
  },
);
