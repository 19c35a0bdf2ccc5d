/** A search through what the window keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { find, foundText, placeOf, type Finding } from "../../../extension/model/finding.ts";
import { Sources, type ExchangeSource } from "../../../extension/model/sources.ts";
import {
  nothingUnsearched,
  type Hit,
  type SearchParams,
  type SearchResult,
} from "../../../protocol/search.ts";

const hitOf = (id: number, more: Partial<Hit> = {}): Hit => ({
  ...{ id, side: "response", part: "body", offset: 0 },
  excerpt: { before: "", match: "wren", after: "" },
  ...more,
});

/** Keeps `count` exchanges, of which a page searches ten; each has a hit. */
function keeper(count: number, asked: SearchParams[] = [], more: Partial<SearchResult> = {}): ExchangeSource {
  return {
    exchange: async () => null,
    body: async () => ({ base64: "", end: 0, ranges: [], missing: [] }),
    async search(params) {
      asked.push(params);
      const newest = (params.before ?? count + 1) - 1;
      const oldest = Math.max(newest - 9, 1);
      const hits = Array.from({ length: newest - oldest + 1 }, (_, i) => hitOf(newest - i));
      const unsearched = { ...nothingUnsearched, undecoded: 1 };
      return { hits, searched: hits.length, unsearched, ...(oldest > 1 && { before: oldest }), ...more };
    },
  };
}

async function run(...keepers: ExchangeSource[]): Promise<{ finding: Finding; told: number[] }> {
  const sources = new Sources();
  for (const each of keepers) sources.add(each);
  const told: number[] = [];
  const { signal } = new AbortController();
  const finding = await find(sources, "wren", signal, ({ found }) => told.push(found.length));
  return { finding, told };
}

test("page by page, the source that came last first, and each from its newest exchange on", async () => {
  const asked: SearchParams[] = [];
  const { finding, told } = await run(keeper(2), keeper(25, asked));
  assert.deepEqual(
    finding.found.map(({ key }) => key),
    [...Array.from({ length: 25 }, (_, i) => `2:${25 - i}`), "1:2", "1:1"],
  );
  assert.deepEqual(told, [10, 20, 25, 27]);
  assert.deepEqual(asked, [{ query: "wren" }, { query: "wren", before: 16 }, { query: "wren", before: 6 }]);
  assert.equal(finding.text(), "27 hits in 27 exchanges");
  assert.deepEqual(finding.notes, ["4 bodies could not be decoded, or not wholly"]);
});

test("it ends with enough hits, or an expression that is too slow, and says so", async () => {
  const full = await run(keeper(5), keeper(5000));
  assert.deepEqual([full.finding.found.length, full.finding.notes[0]], [1000, "stopped after 1,000 hits"]);
  const slow = await run(keeper(5), keeper(5, [], { tooSlow: 3 }));
  assert.equal(slow.finding.searched, 5);
  assert.match(slow.finding.notes[0] ?? "", /took too long/);
});

test("what one source can't answer is said once, and the others are searched", async () => {
  const refusing = { ...keeper(1), search: () => Promise.reject(new Error("Unterminated group")) };
  const { finding } = await run(refusing, keeper(3), refusing);
  assert.deepEqual([finding.found.length, finding.notes[0]], [3, "Unterminated group"]);
  assert.equal(finding.notes.length, 2);
});

test("cancelled, it ends at once", async () => {
  const sources = new Sources();
  sources.add(keeper(100));
  const cancellation = new AbortController();
  let pages = 0;
  const finding = find(sources, "wren", cancellation.signal, () => {
    pages++;
    cancellation.abort(new Error("enough"));
  });
  await assert.rejects(finding, /enough/);
  assert.equal(pages, 1);
});

test("a hit in words: where, and the text around it as one safe line; and where the page shows it", () => {
  const excerpt = { before: "x".repeat(50) + "\n a\u202e ", match: "Wren", after: "\r\nof the week" };
  assert.equal(
    foundText(hitOf(1, { excerpt })),
    `response body: …${"x".repeat(26)} a\ufffd Wren of the week`,
  );
  assert.equal(foundText(hitOf(1, { part: "line", side: "request" })), "request line: wren");
  assert.equal(foundText(hitOf(1, { part: "message", message: 4 })), "message 5: wren");
  const { number, ...place } = placeOf(hitOf(1, { part: "header", side: "request" }));
  assert.deepEqual(place, { part: "request", within: "heads", text: "wren" });
  assert.notEqual(placeOf(hitOf(1)).number, number);
  assert.deepEqual(placeOf(hitOf(1, { part: "message" })).part, "messages");
});
