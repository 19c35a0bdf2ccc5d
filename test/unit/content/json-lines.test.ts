import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJsonLines } from "../../../content/json-lines.ts";

const texts = (text: string) =>
  parseJsonLines(text).map(({ text, isJson }) => (isJson ? text : `no JSON: ${text}`));

test("a JSON text each line: empty lines left out, what is none, or cut, said to be", () => {
  assert.deepEqual(texts('{"a":1}\r\n\n 2 \noops\n{"b":'), [
    '{"a":1}',
    "2",
    "no JSON: oops",
    'no JSON: {"b":',
  ]);
  assert.deepEqual(texts(""), []);
});

test("a JSON text behind each record separator may have lines", () => {
  assert.deepEqual(texts('\x1e{\n"a":1}\n\x1e[2]\n\x1e{"c'), ['{\n"a":1}', "[2]", 'no JSON: {"c']);
});
