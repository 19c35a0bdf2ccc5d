import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { itemsOf, membersOf, prettyJson } from "../../../content/json.ts";

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
