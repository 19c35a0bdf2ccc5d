/** Sizes that are counted while a file is scanned, against those of what is decoded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodedEscapes } from "../../../recording/json-escapes.ts";
import { TextSize } from "../../../recording/text-size.ts";
import { bodyOf, read } from "./recorded.ts";

/** Parts of a JSON string: whole escapes, halves of pairs, and what looks like an escape and is none. */
const part = fc.oneof(
  fc.constantFrom(
    ...'\\n \\r \\" \\\\ \\/ \\t \\x \\u \\u1 \\u12g \\u004 \\ud83d \\ude00 \\ud83d\\ude00 \\uDBFF\\uDFFF'.split(
      " ",
    ),
  ),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`),
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text).slice(1, -1)),
  fc.string({ unit: "grapheme", maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
);

/** Counted in chunks of `step` bytes. */
function sizeOf(raw: Buffer, step: number): TextSize {
  const size = new TextSize();
  for (let at = 0; at < raw.length; at += step) size.take(raw.subarray(at, at + step));
  return size;
}

test("a text's size is that of what is decoded, however its bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (parts, step) => {
      const raw = Buffer.from(parts.join(""));
      assert.equal(sizeOf(raw, step).utf8, decodedEscapes(raw, true).bytes.length);
    }),
    { numRuns: 5000 },
  );
});

test("base64's size is that of its bytes: padded or not, of either alphabet, in lines, with escapes", () => {
  const lines = fc.constantFrom("", "\\n", "\\r\\n");
  const bytes = fc.uint8Array({ maxLength: 100 });
  const escaped = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.replaceAll("/", "\\/"),
    (text) => text.replaceAll(/[+/=]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`),
    (text) => text.replaceAll("=", ""),
    (text) => text.replaceAll("+", "-").replaceAll("/", "_"),
  );
  fc.assert(
    fc.property(bytes, lines, escaped, fc.integer({ min: 1, max: 90 }), (content, end, escape, step) => {
      const text = Buffer.from(content)
        .toString("base64")
        .replaceAll(/.{1,76}/g, (line) => escape(line) + end);
      assert.equal(sizeOf(Buffer.from(text), step).base64, content.length);
    }),
    { numRuns: 5000 },
  );
});

test("a row has its body's true size before the exchange is opened, whatever the program claimed, or didn't", async () => {
  const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7) % 256));
  const base64 = bytes.toString("base64");
  const contents = [
    { size: 3, text: '"h\u00e9llo"\n'.repeat(10_000) },
    { size: -1, text: "short \u{1f600}" },
    { text: base64, encoding: "base64" },
    { encoding: "base64", text: base64.replaceAll(/.{76}/g, "$&\r\n"), size: base64.length },
    { text: base64.slice(0, 760).replaceAll(/.{76}/g, "$&\r\n"), encoding: "base64" },
    { size: 7, text: "" },
  ];
  const entries = contents.map((content) => ({ response: { status: 200, content } }));
  const reader = await read(JSON.stringify({ log: { entries } }));
  const sizes = [90_000, 10, 50_000, 50_000, 570, 0];
  assert.deepEqual(
    reader.exchanges.map(({ size }) => size),
    sizes,
  );
  for (const [i, size] of sizes.entries()) {
    const { bytes: seen } = await bodyOf(reader, i + 1, "response", size);
    assert.equal(seen.length, size);
    assert.equal((await reader.exchange(i + 1))?.response?.body.size, size);
  }
});
