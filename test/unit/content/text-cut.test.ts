import assert from "node:assert/strict";
import { test } from "node:test";
import { textCut } from "../../../content/text-cut.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("text is cut behind a line; where there is no end of one, behind a whole character", () => {
  assert.equal(textCut(bytes("one\ntwo"), "utf-8"), 4);
  const all = bytes("a€😀");
  const wholes = Array.from({ length: all.length + 1 }, (_, i) => textCut(all.subarray(0, i), "utf-8"));
  assert.deepEqual(wholes, [0, 1, 1, 1, 4, 4, 4, 4, 8]);
  assert.equal(textCut(Uint8Array.of(0x61, 0x80, 0x80, 0x80, 0x80), "utf-8"), 5);
  assert.equal(textCut(Uint8Array.of(0x61, 0, 0x0a, 0, 0x62), "utf-16le"), 4);
  assert.equal(textCut(Uint8Array.of(0x82, 0xab, 0x82), "shift_jis"), 3);
});
