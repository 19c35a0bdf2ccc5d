/** Finding in a body, by keyboard: how many, from one to the next, also in what isn't drawn, and behind what is missing. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { bytes, choose, sees, window } from "./seen.ts";

type Headers = [string, string][];
const plain: Headers = [["Content-Type", "text/plain"]];
/** Longer than several pages of text. */
const long = Array.from({ length: 100_000 }, (_, i) => (i % 10_000 === 7 ? `a Wren, ${i}\n` : `line ${i}\n`));

async function marked(page: typeof window.page): Promise<string> {
  await page.waitForFunction(
    `(() => { const [range] = [...(CSS.highlights.get("gone-to") ?? [])]; if (!range) return false;
    const { top, bottom } = range.getBoundingClientRect(); return bottom > 0 && top < innerHeight; })()`,
  );
  return page.evaluate(`[...CSS.highlights.get("gone-to")].join("")`);
}

async function find(page: typeof window.page, text: string, said: string): Promise<void> {
  await page.keyboard.press("Control+f");
  await page.locator(".find input:visible").fill(text);
  await says(page, said);
}

async function says(page: typeof window.page, text: string): Promise<void> {
  await page.locator(".find .said").getByText(text, { exact: true }).waitFor();
}

sees("in a text of many pages: 1 of 10, and on by Enter and F3, round the end, and back", async (page) => {
  await window.show("/long", { response: { headers: plain, bytes: bytes(long.join("")) } });
  await page.getByText("line 3\n").first().waitFor();
  await find(page, "wREN", "1 of 10");
  assert.equal(await marked(page), "Wren");
  assert.equal(await page.evaluate("document.activeElement.placeholder"), "Find in the body");
  await page.keyboard.press("Enter");
  await says(page, "2 of 10");
  await page.keyboard.press("F3");
  await says(page, "3 of 10");
  await page.keyboard.press("Shift+F3");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("Shift+Enter");
  await says(page, "10 of 10");
  await page.locator(".pager").getByText("Page 4 of 5").waitFor();
  assert.equal(await marked(page), "Wren");
  assert.match(await page.locator(".text").innerText(), /a Wren, 90007/);
  await page.keyboard.press("Enter");
  await says(page, "1 of 10");
  await page.keyboard.press("Escape");
  await page.locator(".find:visible").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(`CSS.highlights.has("gone-to")`), false);
  await find(page, "no such bird", "No matches");
});

sees("behind what is missing, and nothing that would reach across it; in text and in hex", async (page) => {
  const text = "a wren ????wren and ano?her wren";
  const missing = [7, 23].map((start) => ({ start, end: start === 7 ? 11 : 24, reason: "shed" as const }));
  await window.show("/gaps", { response: { headers: plain, bytes: bytes(text), body: { missing } } });
  await page.getByText("bytes 7–10 missing").first().waitFor();
  await find(page, "wren", "1 of 3; 5 B missing, not searched");
  await page.keyboard.press("Enter");
  assert.equal(await marked(page), "wren");
  await find(page, "another", "No matches; 5 B missing, not searched");
  await choose("Hex");
  await find(page, "her wren", "1 of 1; 5 B missing, not searched");
  assert.equal(
    (await marked(page)).replaceAll(/\s+/g, " ").replace(/ her wren0000.*$/, ""),
    "68 65 72 20 77 72 65 6e",
  );
});

sees("in indented JSON, in a decoded body, and where the view lists things, in its text", async (page) => {
  const json = JSON.stringify(
    Array.from({ length: 30_000 }, (_, i) => ({ id: i, bird: i % 1000 ? "tit" : "wren" })),
  );
  await window.show("/json", {
    response: { headers: [["Content-Type", "application/json"]], bytes: bytes(json) },
  });
  await page.getByText('"bird": "wren"').first().waitFor();
  await find(page, '"bird": "wren"', "1 of 30");
  await page.keyboard.press("Shift+Enter");
  await says(page, "30 of 30");
  assert.equal(await marked(page), '"bird": "wren"');
  const headers: Headers = [...plain, ["Content-Encoding", "gzip"]];
  await window.show("/gzip", { response: { headers, bytes: gzipSync(long.join("")) } });
  await page.getByText("line 3\n").first().waitFor();
  await find(page, "a wren", "1 of 10");
  assert.equal(await marked(page), "a Wren");
  const ndjson = Array.from({ length: 3000 }, (_, i) => `{"id":${i}}\n`).join("");
  await window.show("/lines", {
    response: { headers: [["Content-Type", "application/x-ndjson"]], bytes: bytes(ndjson) },
  });
  await page.locator(".items li").first().waitFor();
  await find(page, '"id":2999', "1 of 1");
  await page.locator(".modes button[aria-pressed=true]").getByText("Text").waitFor();
  assert.equal(await marked(page), '"id":2999');
});

sees("in another charset, by what is selected, and the bytes of its place", async (page) => {
  // きじ: "kiji", a pheasant, in Shift_JIS; some of its bytes are ASCII's.
  const kiji = Buffer.from([0x82, 0xab, 0x82, 0xb6, 0x83, 0x5c, 0x0a]);
  const headers: Headers = [["Content-Type", "text/plain; charset=shift_jis"]];
  await window.show("/sjis", { response: { headers, bytes: Buffer.concat([kiji, kiji, kiji]) } });
  await page.getByText("きじ").first().waitFor();
  await find(page, "じ", "1 of 3");
  await page.keyboard.press("Enter");
  await says(page, "2 of 3");
  assert.equal(await marked(page), "じ");
  await choose("Hex");
  await find(page, "きじ", "1 of 3");
  assert.equal(await marked(page), "82 ab 82 b6");
});

sees(
  "typing on ends the search that ran; too many are counted no further; words of fault are shown",
  async (page) => {
    const many = "ab".repeat(50_000);
    await window.show("/many", { response: { headers: plain, bytes: bytes(many) } });
    await page.locator(".text").waitFor();
    const before = window.cancelled;
    const answer = window.holdUp();
    await find(page, "b", "Searching…");
    await page.locator(".find input:visible").fill("ab");
    await page.waitForTimeout(300);
    answer();
    await says(page, "1 of 10,000; there may be more, which were not counted");
    assert.ok(window.cancelled > before);
  },
);
