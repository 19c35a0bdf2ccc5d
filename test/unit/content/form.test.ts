import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseForm, queryOf } from "../../../content/form.ts";

const pairs = (text: string) => parseForm(text).map(({ name, value }) => [name, value]);

test("a form: names and values in order, repeated ones kept; escapes that are none, or no UTF-8, stay", () => {
  assert.deepEqual(pairs("a=1+2&b=%C3%A9&a&=x&&c=d=e"), [
    ["a", "1 2"],
    ["b", "é"],
    ["a", ""],
    ["", "x"],
    ["c", "d=e"],
  ]);
  assert.deepEqual(pairs("a=%zz%41%&b=%ff&c=%C3+%A9&%26=%3D"), [
    ["a", "%zzA%"],
    ["b", "%ff"],
    ["c", "%C3 %A9"],
    ["&", "="],
  ]);
});

test("a form that a browser's encoder wrote is what was put in", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (entries) => {
      assert.deepEqual(pairs(new URLSearchParams(entries).toString()), entries);
    }),
  );
});

test("a form of any text: no throw, and no name or value is dropped", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."%+&=azAF09é\ud800") }), (text) => {
      assert.equal(parseForm(text).length, text.split("&").filter((pair) => pair !== "").length);
    }),
  );
});

test("a target's query", () => {
  assert.deepEqual(["/a", "/a?b=1#c?", "/?a?b"].map(queryOf), ["", "b=1", "a?b"]);
});
