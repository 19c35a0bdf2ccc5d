import assert from "node:assert/strict";
import { test } from "node:test";
import { preface } from "../../../helper/http2/preface.ts";
import { frame, padded, Seen } from "./frames.ts";

const settings = frame("settings", 0, 0, "\0\x03\0\0\0\x64");
const ping = frame("ping", 0, 0, "12345678");
/** :status: 200 */
const headers = frame("headers", 0x4, 1, "\x88\x88\x88\x88\x88");
const windowUpdate = frame("windowUpdate", 0, 1, "\0\0\x10\0");

/** A direction with each kind of frame. */
const all = [
  settings,
  headers,
  frame("data", 0, 1, "hello"),
  frame(0x20, 0xff, 7, "of a later version"),
  padded(1, " world", 3),
  frame("headers", 0x28, 3, "\x02\0\0\0\x01\x10part\0\0"),
  frame("continuation", 0x4, 3, "rest"),
  frame("priority", 0, 5, "\0\0\0\0\x10"),
  ping,
  padded(1, "", 0),
  frame("data", 0x1, 1),
  frame("pushPromise", 0x4, 3, "\0\0\0\x02block"),
  frame("rstStream", 0, 3, "\0\0\0\x08"),
  windowUpdate,
  frame("goAway", 0, 0, "\0\0\0\x05\0\0\0\0bye"),
];
const allLines = [
  ...["settings 0", "payload \0\x03\0\0\0\x64", "headers 1", "payload \x88\x88\x88\x88\x88"],
  ...["data 1", "data 1: hello", "end 1", "type 32 7", "data 1", "data 1:  world", "end 1"],
  ...["headers 3", "payload \x02\0\0\0\x01\x10part\0\0", "continuation 3", "payload rest"],
  ...["priority 5", "payload \0\0\0\0\x10", "ping 0", "payload 12345678", "data 1", "end 1"],
  ...["data 1", "end of stream 1", "pushPromise 3", "payload \0\0\0\x02block"],
  ...["rstStream 3", "payload \0\0\0\x08", "windowUpdate 1", "payload \0\0\x10\0"],
  ...["goAway 0", "payload \0\0\0\x05\0\0\0\0bye"],
];

test("frames of each type come out whole, wherever their bytes are cut", () => {
  const bytes = Buffer.concat([preface, ...all]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const seen = new Seen("preface").give(bytes.subarray(0, cut)).give(bytes.subarray(cut));
    assert.deepEqual(seen.lines, allLines, `cut at ${cut}`);
  }
  const single = new Seen("preface");
  for (const byte of bytes) single.give(Buffer.of(byte));
  assert.deepEqual(single.lines, allLines, "byte by byte");
});

test("a gap inside of DATA costs that range of it, in any frame and at any place", () => {
  const data = "0123456789";
  for (let start = 0; start < data.length; start++)
    for (let end = start + 1; end <= data.length; end++) {
      const bytes = Buffer.concat([padded(1, data, 4), ping]);
      const seen = new Seen("frame")
        .give(bytes.subarray(0, 10 + start))
        .gap(end - start)
        .give(bytes.subarray(10 + end));
      const expected = ["data 1"];
      if (start > 0) expected.push(`data 1: ${data.slice(0, start)}`);
      expected.push(`missing 1: ${end - start} ring-full`);
      if (end < data.length) expected.push(`data 1: ${data.slice(end)}`);
      assert.deepEqual(seen.lines, [...expected, "end 1", "ping 0", "payload 12345678"]);
    }
});

test("a gap over data and padding tells them apart, and the next frame is read", () => {
  const bytes = Buffer.concat([padded(1, "0123456789", 4), ping]);
  for (let end = 21; end <= 24; end++) {
    const seen = new Seen("frame")
      .give(bytes.subarray(0, 15))
      .gap(end - 15)
      .give(bytes.subarray(end));
    assert.deepEqual(
      seen.lines,
      ["data 1", "data 1: 01234", "missing 1: 5 ring-full", "end 1", "ping 0", "payload 12345678"],
      `gap to ${end}`,
    );
  }
});

test("where the padding's length was lost, no padding is taken for data", () => {
  const bytes = Buffer.concat([padded(1, "0123456789", 4), ping]);
  const seen = new Seen("frame").give(bytes.subarray(0, 9)).gap(3).give(bytes.subarray(12));
  assert.deepEqual(seen.lines, [
    ...["data 1", "missing 1: 15 ring-full", "end 1, unsure", "ping 0", "payload 12345678"],
  ]);
});

test("a gap in another frame leaves its beginning, and the next frame is read", () => {
  const bytes = Buffer.concat([headers, ping]);
  const seen = new Seen("frame").give(bytes.subarray(0, 11)).gap(2).give(bytes.subarray(13));
  assert.deepEqual(seen.lines, ["headers 1", "payload \x88\x88…", "ping 0", "payload 12345678"]);
});

test("after a gap over frames' heads the next frame of the next call is found", () => {
  for (const next of [windowUpdate, ping, headers, frame("data", 0x1, 3, "some data")]) {
    const seen = new Seen("frame").give(headers.subarray(0, 12)).gap(100).give(next);
    assert.deepEqual(seen.lines.slice(0, 3), ["headers 1", "payload \x88\x88\x88…", "lost 98"]);
    assert.ok(seen.lines.length === 5 || seen.lines.length === 6, seen.lines.join());
  }
});

test("after a gap a frame that is longer than its call is confirmed by the next one's head", () => {
  const long = frame("data", 0, 1, "x".repeat(3000));
  const bytes = Buffer.concat([long, frame("data", 0x1, 1, "the end")]);
  const seen = new Seen("frame").gap(7).give(bytes.subarray(0, 1000)).give(bytes.subarray(1000));
  assert.deepEqual(seen.lines, ["lost 3016", "data 1", "data 1: the end", "end of stream 1"]);
});

test("in the middle of data, read in pieces of any size, frames are found in a row", () => {
  const data = frame("data", 0, 1, Buffer.alloc(50, 0x78));
  const bytes = Buffer.concat([Buffer.alloc(300, 0x79), data, data, data, data]);
  for (let cut = 1; cut < 300; cut += 7) {
    const seen = new Seen("middle").give(bytes.subarray(0, cut)).give(bytes.subarray(cut));
    assert.deepEqual(seen.lines.slice(0, 3), ["lost 300", "data 1", `data 1: ${"x".repeat(50)}`]);
  }
});

test("a head that nobody may send ends nothing but what comes before the next one", () => {
  const seen = new Seen("frame").give(frame("ping", 0, 3, "1234")).give(ping);
  assert.deepEqual(seen.lines, ["lost 13", "ping 0", "payload 12345678"]);
});

test("a payload is kept up to its limit, and the next frame is read", () => {
  const long = frame("goAway", 0, 0, Buffer.alloc(300_000));
  const seen = new Seen("frame")
    .give(long.subarray(0, 1000))
    .give(Buffer.concat([long.subarray(1000), ping]));
  assert.equal(seen.lines[1], `payload ${"\0".repeat(256 * 1024)}…`);
  assert.deepEqual(seen.lines.slice(2), ["ping 0", "payload 12345678"]);
});
