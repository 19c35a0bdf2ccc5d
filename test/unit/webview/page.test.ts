import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body } from "../../../protocol/exchange.ts";
import { BodyBytes } from "../../../webview/content/body-bytes.ts";
import { rangeText } from "../../../protocol/format.ts";
import { extentsOf, type Extent } from "../../../webview/content/extents.ts";
import { hexLines } from "../../../webview/content/hex.ts";
import { TextDecoding, type TextPart } from "../../../webview/content/text.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const held = (start: number, end: number): Extent => ({ kind: "held", start, end, source: "write" });
const textParts = (bytes: Uint8Array, extents: Extent[], charset: string, more: boolean): TextPart[] =>
  new TextDecoding(charset).take(bytes, extents, more);
const gap = (start: number, end: number): Extent => ({ kind: "missing", start, end, reason: "shed" });

test("extents: in order, neighbours of one origin joined", () => {
  const extents = extentsOf({
    ranges: [
      { start: 0, end: 4, source: "write" },
      { start: 4, end: 9, source: "write" },
      { start: 9, end: 12, source: "sendfile" },
    ],
    missing: [{ start: 12, end: 20, reason: "shed" }],
  });
  assert.deepEqual(extents, [
    held(0, 9),
    { kind: "held", start: 9, end: 12, source: "sendfile" },
    gap(12, 20),
  ]);
});

test("hex: a label for each extent, rows broken where one ends", () => {
  const lines = hexLines(bytes("0123456789abcdefXYZ"), 16, [held(0, 20), gap(20, 33), held(33, 35)]);
  assert.deepEqual(lines, [
    { kind: "source", start: 16, end: 16, text: "bytes 16–19 by write" },
    {
      kind: "row",
      start: 16,
      end: 20,
      offset: "00000010",
      hex: `30 31 32 33${"   ".repeat(12)} `,
      ascii: "0123",
    },
    {
      kind: "gap",
      start: 20,
      end: 33,
      text: "bytes 20–32 missing (13 B): shed under load, so that no exchange was lost",
    },
    { kind: "source", start: 33, end: 33, text: "bytes 33–34 by write" },
    {
      kind: "row",
      start: 33,
      end: 35,
      offset: "00000020",
      hex: `   59 5a${"   ".repeat(13)} `,
      ascii: " YZ",
    },
  ]);
  assert.equal(rangeText({ start: 7, end: 8 }), "byte 7");
  assert.equal(rangeText({ start: 512, end: 1_048_576 }), "bytes 512–1,048,575");
});

test("text: each run between gaps by itself; a character cut by the end of what was read is left out", () => {
  const parts = textParts(bytes("aé?????é!"), [held(0, 3), gap(3, 8), held(8, 11)], "utf-8", false);
  assert.deepEqual(parts, [
    { kind: "text", start: 0, text: "aé" },
    { kind: "gap", gap: gap(3, 8) },
    { kind: "text", start: 8, text: "é!" },
  ]);
  const cut = bytes("aé").subarray(0, 2);
  assert.deepEqual(textParts(cut, [held(0, 3)], "utf-8", true), [{ kind: "text", start: 0, text: "a" }]);
  assert.deepEqual(textParts(cut, [held(0, 2)], "utf-8", false), [
    { kind: "text", start: 0, text: "a\ufffd" },
  ]);
  assert.deepEqual(textParts(Uint8Array.of(0xe4), [held(0, 1)], "latin1", false), [
    { kind: "text", start: 0, text: "ä" },
  ]);
});

test("text that grows is decoded on, also through a character that was cut, and a gap that grows", () => {
  const decoding = new TextDecoding("utf-8");
  const [all, whole] = [bytes("aé??b"), [held(0, 3), gap(3, 5), held(5, 6)]];
  assert.deepEqual(decoding.take(all.subarray(0, 2), [held(0, 2)], true), [
    { kind: "text", start: 0, text: "a" },
  ]);
  assert.deepEqual(decoding.take(all.subarray(2, 4), [held(0, 3), gap(3, 4)], true), [
    { kind: "text", start: 2, text: "é" },
    { kind: "gap", gap: gap(3, 4) },
  ]);
  assert.deepEqual(decoding.take(all.subarray(4), whole, false), [
    { kind: "gap", gap: gap(4, 5) },
    { kind: "text", start: 5, text: "b" },
  ]);
  assert.equal(decoding.at, 6);
});

test("bytes: what was given up, or came late, is fetched anew", async () => {
  const calls: [number, number][] = [];
  const store = new BodyBytes(body(1000, [{ start: 500, end: 1000, reason: "shed" }]), async (start, end) => {
    calls.push([start, end]);
    return new Uint8Array(end - start).fill(calls.length);
  });
  assert.equal((await store.read(0, 1000))[999], 1);
  store.update(body(1000));
  assert.equal((await store.read(0, 1000))[999], 2);
  assert.deepEqual(calls, [
    [0, 1000],
    [0, 1000],
  ]);
});

const chunk = 256 * 1024;

function body(size: number, missing: Body["missing"] = []): Body {
  const end = missing[0]?.start ?? size;
  return { size, end: "in-flight", ranges: end > 0 ? [{ start: 0, end, source: "write" }] : [], missing };
}

test("bytes: what a body has grown by is fetched, and nothing twice; runs in one call", async () => {
  const data = new Uint8Array(4 * chunk).map((_, i) => (i * 7919) >> 5);
  const calls: [number, number][] = [];
  const store = new BodyBytes(body(2 * chunk + 100), async (start, end) => {
    calls.push([start, end]);
    return data.slice(start, end);
  });
  assert.deepEqual(await store.read(10, 20), data.slice(10, 20));
  assert.deepEqual(await store.read(chunk - 5, 2 * chunk + 50), data.slice(chunk - 5, 2 * chunk + 50));
  assert.deepEqual(await store.read(0, 9 * chunk), data.slice(0, 2 * chunk + 100));
  assert.deepEqual(calls, [
    [0, chunk],
    [chunk, 2 * chunk + 100],
  ]);
  store.update(body(2 * chunk + 200));
  assert.deepEqual(await store.read(0, 9 * chunk), data.slice(0, 2 * chunk + 200));
  assert.deepEqual(calls.slice(2), [[2 * chunk + 100, 2 * chunk + 200]]);
  assert.equal((await store.read(3 * chunk, 4 * chunk)).length, 0);
});
