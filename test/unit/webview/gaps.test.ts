/** What is missing of a body: in the map, in its place in each view, and by key from one to the next. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Missing, Range } from "../../../protocol/exchange.ts";
import type { ShownBody } from "./shown-body.ts";
import { bytes, choose, sees, widthsOf, window } from "./seen.ts";

const lines = Array.from({ length: 80_000 }, (_, i) => `line ${i}\n`).join("");
const plain: [string, string][] = [["Content-Type", "text/plain"]];

function gap(start: number, end: number): Missing {
  return { start, end, reason: "shed" };
}

function mixed(ranges: Range[], missing: Missing[]): ShownBody {
  return { headers: plain, bytes: bytes(lines), body: { ranges, missing } };
}

sees("the map: not where one call wrote all; each source and what is missing, in words too", async (page) => {
  const map = page.locator(".map .bar");
  await window.show("/plain", { response: { headers: plain, bytes: bytes("all by write") } });
  await page.getByText("all by write").waitFor();
  assert.equal(await map.count(), 0);
  const size = lines.length;
  const ranges: Range[] = [
    { start: 0, end: 512, source: "write" },
    { start: 512, end: 300_000, source: "sendfile" },
    { start: 400_000, end: size, source: "sendfile" },
  ];
  await window.show("/mixed", { response: mixed(ranges, [gap(300_000, 400_000)]) });
  await map.waitFor();
  const words = `write 512 B, sendfile ${Math.round((size - 100_512) / 1000)} kB, missing 100 kB`;
  assert.equal(await map.getAttribute("aria-label"), `The body by its sources: ${words}`);
  assert.equal(
    (await page.locator(".legend").innerText()).trim().replaceAll("  ", ", "),
    words.replaceAll(", ", " "),
  );
  const widths = await widthsOf(map.locator("span"));
  assert.equal(widths.length, 4);
  assert.ok(widths[0]! >= 2 && widths[0]! < widths[1]!, "what is small is seen still");
  assert.ok(Math.abs(widths[2]! / widths[1]! - 1 / 3) < 0.05, String(widths));
  // One call for each of ten thousand stretches.
  const many = Array.from({ length: 10_000 }, (_, i): Range => {
    return { start: i * 60, end: (i + 1) * 60, source: i % 2 ? "write" : "sendfile" };
  });
  await window.show("/many", { response: mixed(many, [gap(600_000, size)]) });
  await page.locator("h1", { hasText: "/many" }).waitFor();
  await map.waitFor();
  assert.equal(await map.locator("span").count(), 200);
  await page.getByText("and 9901 more").waitFor();
});

const first = gap(100, 300);
const second = gap(500_000, 600_000);

/** The gap that was gone to, and whether it is on screen. */
async function marked(page: typeof window.page): Promise<[text: string, seen: boolean]> {
  return page.evaluate(
    `(() => { const [range] = [...(CSS.highlights.get("gone-to") ?? [])]; if (!range) return ["", false];
    const { top, bottom } = range.getBoundingClientRect();
    return [range.toString(), top >= 0 && bottom <= innerHeight]; })()`,
  );
}

sees(
  "F8 goes from one missing range to the next, whatever the view, also where it isn't drawn",
  async (page) => {
    await window.show("/gaps", { response: mixed([], [first, second]) });
    await page.getByText("2 missing", { exact: true }).waitFor();
    const said = page.locator(".body > .said");
    for (const mode of ["Text", "Hex"]) {
      await choose(mode);
      await page.keyboard.press("F8");
      await said.getByText("1 of 2: bytes 100–299 missing (200 B): shed under load").waitFor();
      assert.match((await marked(page))[0], /^bytes 100–299 missing/);
      await page.keyboard.press("F8");
      await said.getByText("2 of 2: bytes 500,000–599,999 missing (100 kB)").waitFor();
      await page.waitForFunction(
        `document.querySelector(".pager").innerText.includes("Page ${mode === "Text" ? 2 : 31} of")`,
      );
      await page.waitForFunction(
        `[...CSS.highlights.get("gone-to") ?? []].join("").startsWith("bytes 500,000")`,
      );
      assert.deepEqual((await marked(page))[1], true);
      await page.keyboard.press("Shift+F8");
      await said.getByText("1 of 2").waitFor();
      await page.keyboard.press("Shift+F8");
      await said.getByText("2 of 2").waitFor();
      await page.getByRole("button", { name: "Next missing range" }).click();
      await said.getByText("1 of 2").waitFor();
      await page.keyboard.press("Shift+F8");
    }
  },
);

sees("what is listed ends with the gap in its place; the next is shown where it has one", async (page) => {
  const items = Array.from({ length: 100 }, (_, i) => `{"id":${i}}\n`).join("");
  const headers: [string, string][] = [["Content-Type", "application/x-ndjson"]];
  const response = { headers, bytes: bytes(items), body: { missing: [gap(50, 60), gap(200, 210)] } };
  await window.show("/lines", { response });
  await page.locator(".items + .gap").getByText("bytes 50–59 missing (10 B)").waitFor();
  await page.keyboard.press("F8");
  await page.locator(".body > .said").getByText("1 of 2").waitFor();
  assert.match((await marked(page))[0], /^bytes 50–59/);
  await page.keyboard.press("F8");
  await page.locator(".modes button[aria-pressed=true]").getByText("Hex").waitFor();
  await page.waitForFunction(`[...CSS.highlights.get("gone-to") ?? []].join("").startsWith("bytes 200–209")`);
});

sees(
  "JSON is indented up to a gap, which stands in its place; what follows is as it was sent",
  async (page) => {
    const json = JSON.stringify({
      items: Array.from({ length: 9 }, (_, id) => ({ id, name: `item ${id}` })),
    });
    const headers: [string, string][] = [["Content-Type", "application/json"]];
    const missing = [gap(45, 60), gap(90, json.length)];
    await window.show("/cut", { response: { headers, bytes: bytes(json), body: { missing } } });
    const text = page.locator("pre.text");
    const name = '      "name": "item ';
    await text.getByText("bytes 45–59 missing (15 B)").waitFor();
    assert.equal(
      (await text.innerText()).split("\n").slice(0, 9).join("\n"),
      `{\n  "items": [\n    {\n      "id": 0,\n${name}0"\n    },\n    {\n      "id": 1,\n      "n`,
    );
    assert.ok((await text.innerText()).includes(json.slice(60, 90)));
    await page.getByText("What follows stands as it was sent").waitFor();
    // Coloured as far as it is known to be JSON.
    const coloured = (kind: string) =>
      page.evaluate(
        `[...CSS.highlights.get("json-${kind}")].filter((r) => r.startContainer.isConnected)
        .map((r) => r.startContainer.data.slice(r.startOffset, r.endOffset)).join()`,
      );
    assert.equal(await coloured("name"), '"items","id","name","id"');
    assert.equal(await coloured("string"), '"item 0","n');
    assert.equal(await coloured("number"), "0,1");
    await page.keyboard.press("F8");
    await page.locator(".body > .said").getByText("1 of 2").waitFor();
    assert.match((await marked(page))[0], /^bytes 45–59/);
    await page.keyboard.press("F8");
    await page.locator(".body > .said").getByText("2 of 2").waitFor();
    await page.waitForFunction(`[...CSS.highlights.get("gone-to") ?? []].join("").startsWith("bytes 90–")`);
    assert.equal(await page.locator(".modes button[aria-pressed=true]").innerText(), "JSON");
    // What is looked for is found in each byte.
    await page.keyboard.press("Control+f");
    await page.keyboard.type("item 0");
    await page.locator(".modes button[aria-pressed=true]").getByText("Text").waitFor();
    await page.locator(".find .said").getByText("1 of 1").waitFor();
  },
);

sees("of an encoded body the gap stands in the bytes as they were sent", async (page) => {
  const sent = gzipSync(lines);
  const headers: [string, string][] = [...plain, ["Content-Encoding", "gzip"]];
  const missing = [gap(sent.length - 100, sent.length - 50)];
  await window.show("/encoded", { response: { headers, bytes: sent, body: { missing } } });
  await page.getByText("line 7\n").first().waitFor();
  await page.keyboard.press("F8");
  await page.locator(".modes button[aria-pressed=true]").getByText("As sent").waitFor();
  await page.waitForFunction(`[...CSS.highlights.get("gone-to") ?? []].join("").includes("missing (50 B)")`);
});
