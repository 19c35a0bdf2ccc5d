import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FileBytes } from "../../../recording/bytes.ts";
import { Reader } from "../../../recording/reader.ts";
import { exchange } from "./exchange.ts";
import { bodyOf, partOf, read, write } from "./recorded.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const { body, read: held } = partOf(Buffer.from("h\u00e9llo"));
const one = {
  exchange: { ...exchange, response: { ...exchange.response!, body } },
  bodies: { response: held },
};

test("a file that ends in its midst: what came before is there, and the problem names the place", async () => {
  const whole = write([one, one]);
  const cut = whole.slice(0, whole.lastIndexOf('"content"'));
  const reader = await read(cut);
  assert.equal(reader.exchanges.length, 1);
  const [line, bytes] = [cut.split("\n").length, Buffer.byteLength(cut)];
  assert.equal(
    reader.problem,
    `Malformed in line ${line}, at byte ${bytes}: the file ends where a name should be; 1 exchange before that could be read.`,
  );
  assert.equal((await reader.exchange(1))?.response?.body.size, 6);
});

test("a recording that was cut when it was written says so", async () => {
  assert.match((await read(write([one], false))).problem ?? "", /cut short/);
  assert.equal((await read(write([one], true))).problem, undefined);
});

test("what is no HAR is refused, with the place where it is no JSON", async () => {
  await assert.rejects(read("{}"), /no HAR/);
  await assert.rejects(read(""), /Malformed in line 1, at byte 0: the file ends where a value should be/);
  await assert.rejects(read('{"log":\n {"entries" [}'), /line 2, at byte 20: a colon should be here/);
  await assert.rejects(read(Buffer.alloc(100)), /line 1, at byte 0: a value should be here/);
  await assert.rejects(read("[".repeat(100_000)), /nested more than 512 deep/);
});

test("an entry without end in its values ends the reading, not the process", async () => {
  const huge = `{"request":{"headers":[${'{"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","value":""},'.repeat(80_000)}0]}}`;
  const reader = await read(`{"log":{"entries":[{"request":{}},${huge}]}}`);
  assert.equal(reader.exchanges.length, 1);
  assert.equal(reader.problem, "Entry 2 is too large; 1 exchange before that could be read.");
});

test("a text of many parts and escapes: any part of it can be asked for, from the front and from behind", async () => {
  const text = 'a"\\\u00e9\u{1f600}\n\u0001'.repeat(60_000);
  // As other programs write it: every character escaped.
  const escaped = [...text].map((each) => JSON.stringify(each).slice(1, -1));
  const ascii = escaped
    .join("")
    .replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const bytes = Buffer.from(text);
  for (const raw of [JSON.stringify(text).slice(1, -1), ascii]) {
    const reader = await read(
      `{"log":{"entries":[{"response":{"status":200,"content":{"text":"${raw}"}}}]}}`,
    );
    const { size } = (await reader.exchange(1))!.response!.body;
    assert.equal(size, bytes.length);
    for (const start of [0, size - 70_000, 70_001, 600_000]) {
      const part = await reader.body({ id: 1, side: "response", start, end: start + 70_000 });
      assert.ok(
        Buffer.from(part.base64, "base64").equals(bytes.subarray(start, start + 70_000)),
        String(start),
      );
    }
  }
});

test("base64 with line breaks, and of the web's alphabet", async () => {
  const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 7) % 256));
  const lines = bytes.toString("base64").replaceAll(/.{76}/g, "$&\\r\\n").replaceAll("+", "-");
  const content = `{"mimeType":"image/png","encoding":"base64","text":"${lines}"}`;
  const reader = await read(`{"log":{"entries":[{"response":{"status":200,"content":${content}}}]}}`);
  const { size } = (await reader.exchange(1))!.response!.body;
  const { bytes: seen } = await bodyOf(reader, 1, "response", size, 1000);
  assert.ok(Buffer.from(seen).equals(bytes));
});

test("anybody's: missing fields, wrong types, sizes that lie", async () => {
  const entries = [
    {},
    { request: null, response: [] },
    { request: { method: 1, url: {}, headers: "x", bodySize: -1 }, response: { status: "200" } },
    {
      startedDateTime: "2026-01-02T03:04:05.678Z",
      time: 30,
      timings: { blocked: 1, dns: -1, connect: 4, ssl: 2, send: 5, wait: 10, receive: 10 },
      serverIPAddress: "[::1]",
      request: {
        method: "POST",
        url: "https://h.test/a?b#c",
        httpVersion: "HTTP/2",
        headers: [{ name: ":authority", value: "h.test" }, { name: 3 }],
        postData: { mimeType: "text/plain", text: "h\u00e9" },
        bodySize: 999,
      },
      response: {
        status: 200,
        statusText: "",
        httpVersion: "HTTP/2",
        headers: [{ name: "Content-Type", value: "text/html" }],
        content: { size: -1, text: "abc", mimeType: "text/html" },
        bodySize: -1,
      },
    },
    { request: { method: "GET", url: "http://h.test" }, response: { status: 200, content: { size: 7 } } },
  ];
  const about = { creator: { name: "Somebody" }, browser: { name: "Their Browser" } };
  const reader = await read(JSON.stringify({ log: { ...about, entries } }));
  assert.equal(reader.source, "Somebody");
  assert.deepEqual(
    reader.exchanges.map(({ state }) => state),
    ["closed", "closed", "closed", "complete", "complete"],
  );
  const full = await reader.exchange(4);
  assert.equal(full?.request?.target, "/a?b");
  assert.equal(full?.remote, "[::1]:443");
  assert.deepEqual([full?.duration, full?.requestEnd, full?.responseStart], [30, 10, 20]);
  assert.deepEqual(full?.request?.body, {
    size: 3,
    end: "complete",
    ranges: [{ start: 0, end: 3, source: "recorded" }],
    missing: [],
  });
  assert.deepEqual(full?.response?.body.size, 3);
  assert.equal(reader.exchanges[3]?.host, "h.test");
  const bare = await reader.exchange(5);
  assert.equal(bare?.request?.target, "http://h.test");
  assert.deepEqual(bare?.response?.body.missing, [{ start: 0, end: 7, reason: "not-recorded" }]);
});

test("anybody's entries are listed by their starts, and read by that order; one without stays behind the one before", async () => {
  const times = [
    "2026-01-02T03:04:05Z",
    undefined,
    "2026-01-02T03:04:03Z",
    "2026-01-02T03:04:04Z",
    "2026-01-02T03:04:03Z",
  ];
  const entries = times.map((startedDateTime, i) => ({
    startedDateTime,
    request: { method: "GET", url: `/${i}` },
    response: { status: 200, content: { text: `body ${i}` } },
  }));
  const reader = await read(JSON.stringify({ log: { entries } }));
  assert.deepEqual(
    reader.exchanges.map(({ id, target }) => [id, target]),
    [
      [1, "/2"],
      [2, "/4"],
      [3, "/3"],
      [4, "/0"],
      [5, "/1"],
    ],
  );
  assert.equal((await reader.exchange(4))?.request?.target, "/0");
  const { bytes } = await bodyOf(reader, 4, "response", 6);
  assert.equal(Buffer.from(bytes).toString(), "body 0");
});

test("attachments: plain files of the recording's own folder, and nothing else", async (t) => {
  const folder = temporaryFolder(t);
  const inside = join(folder, "in");
  mkdirSync(inside);
  writeFileSync(join(folder, "secret"), "secret");
  writeFileSync(join(inside, "body.bin"), "attached");
  symlinkSync(join(folder, "secret"), join(inside, "link"));
  mkdirSync(join(inside, "folder"));
  const names = ["body.bin", "../secret", join(folder, "secret"), "link", "folder", "none", "..", ""];
  const entries = names.map((name) => ({ response: { status: 200, content: { size: 8, _file: name } } }));
  const file = join(inside, "x.har");
  writeFileSync(file, JSON.stringify({ log: { entries } }));
  const reader = await Reader.open(await FileBytes.open(file), { folder: inside });
  const seen = [];
  for (const { id } of reader.exchanges) {
    const { bytes, missing } = await bodyOf(reader, id, "response", 8);
    seen.push(missing.length > 0 ? missing[0]?.reason : Buffer.from(bytes).toString());
  }
  assert.deepEqual(seen, ["attached", ...names.slice(1).map(() => "not-recorded")]);
});

test("a file that has changed since, or is gone, says so at the next question", async (t) => {
  const file = join(temporaryFolder(t), "x.har");
  writeFileSync(file, write([one]));
  const reader = await Reader.open(await FileBytes.open(file));
  writeFileSync(file, write([one, one]));
  await assert.rejects(reader.exchange(1), /The file has changed since it was opened/);
  rmSync(file);
  await assert.rejects(reader.exchange(1), /The file is no longer there/);
});
