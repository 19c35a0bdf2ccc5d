import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableLines } from "../../protocol/printable.ts";

test("what drives a terminal, turns the writing round, or can't be seen, is escaped", () => {
  const escaped =
    "\0\x1b\x7f\x80\x9b\x9f\xad\u061c\u200b\u200f\u202e\u2028\u2029\u2066\ufeff\ud800 \udb40\udc41";
  assert.match(printable(escaped), /^(?:\\u[0-9a-f]{4}){16} \\u[0-9a-f]{4}\\u[0-9a-f]{4}$/);
  assert.equal(printable("a\n\tb"), "a\\u000a\\u0009b");
  assert.equal(
    printable('gr\u00fc\u00df \u65e5\u672c \u{1f600} \\ "'),
    'gr\u00fc\u00df \u65e5\u672c \u{1f600} \\ "',
  );
});

test("a JSON text stays the same value", () => {
  const value = { "\x9b\udb40\udc41": ["\u202e", "\ud800", "a\n\t\\b"] };
  const text = printableLines(JSON.stringify(value, null, "\t"));
  assert.match(text, /^[\x20-\x7e\n\t]*$/);
  assert.deepEqual(JSON.parse(text), value);
});
