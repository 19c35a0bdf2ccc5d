import assert from "node:assert/strict";
import { createWriteStream, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { harFooter, harHeader } from "../../../recording/har.ts";
import { Recording } from "../../../recording/recording.ts";
import { exchange } from "./exchange.ts";
import { bodyOf, partOf, write } from "./recorded.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const worker = new URL("../../../recording/worker.ts", import.meta.url);

/** A HAR of so many MiB, most of it one body of one letter. */
async function large(t: TestContext, mebibytes: number): Promise<string> {
  const path = join(temporaryFolder(t), "large.har");
  const file = createWriteStream(path);
  const entry = write([{ exchange, bodies: {} }]).slice(harHeader().length, -harFooter(true).length);
  file.write(`${harHeader()}${entry},\n{"response":{"status":200,"content":{"text":"`);
  const mebibyte = Buffer.alloc(1024 * 1024, "x");
  for (let i = 0; i < mebibytes; i++) if (!file.write(mebibyte)) await once(file, "drain");
  file.end(`"}}},\n${entry}${harFooter(true)}`);
  await once(file, "close");
  return path;
}

test("a large file opens with progress, one huge string in it, in little memory; and any part of it is read", async (t) => {
  const path = await large(t, 200);
  const told: number[] = [];
  const before = process.memoryUsage().rss;
  const grown = () => (process.memoryUsage().rss - before) / 1024 / 1024;
  const recording = await Recording.open(path, {
    worker,
    onProgress: (read, size) => told.push(read / size),
  });
  t.after(() => recording.close());
  const opened = grown();
  assert.ok(opened < 50, `${opened} MiB after the opening`);
  assert.equal(recording.exchanges.length, 3);
  assert.ok(told.length > 0 && told.every((share) => share > 0 && share <= 1), String(told));
  const size = 200 * 1024 * 1024;
  assert.equal((await recording.exchange(2))?.response?.body.size, size);
  for (const start of [size - 10, 10, size / 2]) {
    const { base64 } = await recording.body({ id: 2, side: "response", start, end: start + 10 });
    assert.equal(Buffer.from(base64, "base64").toString(), "x".repeat(10));
  }
  const read = grown();
  assert.ok(read < 120, `${read} MiB after the reading`);
});

test("opening is cancelled", async (t) => {
  const path = await large(t, 60);
  const cancellation = new AbortController();
  const opening = Recording.open(path, {
    worker,
    signal: cancellation.signal,
    onProgress: () => cancellation.abort(),
  });
  await assert.rejects(opening, { name: "AbortError" });
  await assert.rejects(Recording.open(path, { worker, signal: cancellation.signal }), { name: "AbortError" });
});

test("from memory; several questions at once; closed, it answers no more", async () => {
  const recording = await Recording.open(Buffer.from(write([{ exchange, bodies: {} }])), { worker });
  const [first, none, body] = await Promise.all([
    recording.exchange(1),
    recording.exchange(2),
    bodyOf(recording, 1, "response", 4),
  ]);
  assert.equal(first?.request?.target, exchange.request?.target);
  assert.equal(none, null);
  assert.equal(body.missing[0]?.reason, "not-recorded");
  const asked = recording.exchange(1);
  await Promise.all([recording.close(), assert.rejects(asked, /The recording was closed/)]);
  await assert.rejects(recording.exchange(1), /The recording was closed/);
});

test("its heads and bodies are searched as a helper's are, and what isn't in it is told", async (t) => {
  const { body, read } = partOf(Buffer.from("wren"));
  const response = { ...exchange.response!, body };
  const whole = { exchange: { ...exchange, response }, bodies: { response: read } };
  const recording = await Recording.open(Buffer.from(write([whole, { exchange, bodies: {} }])), { worker });
  t.after(() => recording.close());
  const { hits, unsearched } = await recording.search({ query: "WREN" });
  assert.deepEqual(
    [hits.map(({ id, side, part }) => [id, side, part]), unsearched],
    [[[1, "response", "body"]], { long: 0, undecoded: 0, incomplete: 3 }],
  );
  const headers = await recording.search({ query: "x: 2", within: "heads", limit: 1 });
  assert.deepEqual([headers.hits.map(({ id }) => id), headers.before], [[2], 2]);
  await assert.rejects(recording.search({ query: "/(/" }), /Unterminated group/);
});

test("the other end of an exchange is found where the file has it, once", async (t) => {
  const whole = (id: number, otherEnd: number) => ({ exchange: { ...exchange, id, otherEnd }, bodies: {} });
  const written = [whole(7, 9), whole(9, 7), whole(8, 10), whole(11, 12), whole(12, 11), whole(12, 11)];
  const recording = await Recording.open(Buffer.from(write(written)), { worker });
  t.after(() => recording.close());
  const expected = [2, 1, undefined, undefined, 4, 4];
  assert.deepEqual(
    recording.exchanges.map(({ otherEnd }) => otherEnd),
    expected,
  );
  const read = await Promise.all(expected.map((_, i) => recording.exchange(i + 1)));
  assert.deepEqual(
    read.map((each) => each?.otherEnd),
    expected,
  );
});

test("what can't be opened is refused in words", async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(Recording.open(join(folder, "none.har"), { worker }), /ENOENT/);
  await assert.rejects(Recording.open(folder, { worker }), /EISDIR|no file/);
  writeFileSync(join(folder, "x.har"), "no JSON");
  await assert.rejects(Recording.open(join(folder, "x.har"), { worker }), /Malformed in line 1/);
});
