import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { itemsOf, jsonTokens, membersOf, prettyBeginning, prettyJson } from "../../../content/json.ts";

test("pretty JSON changes white space only", () => {
  const text = '{"a":12345678901234567890.10,"a":[],"b":[1,{"c":"x, {y}: \\" [z]"}],"d":{}}';
  const pretty = prettyJson(text) ?? "";
  assert.equal(
    pretty,
    '{\n  "a": 12345678901234567890.10,\n  "a": [],\n  "b": [\n    1,\n    {\n      "c": "x, {y}: \\" [z]"\n    }\n  ],\n  "d": {}\n}',
  );
  assert.equal(prettyJson(pretty), pretty);
  assert.equal(prettyJson(" 1 "), "1");
  assert.equal(prettyJson('{"a":'), undefined);
  assert.equal(prettyJson("[".repeat(100_000) + "]".repeat(100_000)), undefined);
});

test("JSON that was cut is indented as far as it goes, wherever it was cut", () => {
  assert.equal(prettyBeginning('{"a":[1,{"b":"x, y'), '{\n  "a": [\n    1,\n    {\n      "b": "x, y');
  assert.equal(prettyBeginning("[{},[],"), "[\n  {},\n  [],");
  assert.equal(prettyBeginning("{"), "{");
  for (const text of ['"\\', '"\\\\', '"\\\\\\', '"\\u00', '"\\u00e9', '"\\\\u'])
    assert.equal(prettyBeginning(text), text);
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, at) => {
      const cut = text.slice(0, 1 + (at % text.length));
      const pretty = prettyBeginning(cut);
      assert.ok(pretty !== undefined || cut.trim() === "", cut);
      // Only white space changes, and a string's is its own.
      const tokens = (of: string) => of.match(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s"]+?/g);
      assert.deepEqual(tokens(pretty ?? ""), tokens(cut));
    }),
  );
});

test("what no JSON begins with is not indented", () => {
  const cases = [
    "",
    " ",
    "{1",
    '{"a" 1',
    '{"a":}',
    "[1 2",
    "[1,]",
    "{,",
    "]",
    "[}",
    '{"a":1,]',
    "tru]",
    "nul l",
    "1,2",
    "01",
    '"\\x',
    "{}{",
  ];
  for (const text of cases) assert.equal(prettyBeginning(text), undefined, text);
});

test("members and items stand as they were sent, whatever is in them", () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), fc.string(), (one, two, name) => {
      const object = `{ ${JSON.stringify(name)} : ${one} , "x":${two}}`;
      assert.deepEqual(
        [...membersOf(object)],
        [
          ...new Map([
            [name, one.trim()],
            ["x", two.trim()],
          ]),
        ],
      );
      assert.deepEqual(itemsOf(` [${one},\n${two} ] `), [one.trim(), two.trim()]);
    }),
  );
  assert.deepEqual(membersOf(' {"a": 1.0000000000000000001 }').get("a"), "1.0000000000000000001");
  assert.deepEqual([itemsOf("[]"), itemsOf("{}"), itemsOf("1"), membersOf("{ }").size], [[], [], [], 0]);
});

test("what the tokens of JSON are, for colours", () => {
  const text = '{"a": "b: c", "d" : [-1.5e3, true, null, "e\\"", "cut';
  assert.deepEqual(
    [...jsonTokens(text)].map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`),
    [
      'name "a"',
      'string "b: c"',
      'name "d"',
      "number -1.5e3",
      "word true",
      "word null",
      'string "e\\""',
      'string "cut',
    ],
  );
});
