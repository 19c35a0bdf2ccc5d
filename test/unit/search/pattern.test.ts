import assert from "node:assert/strict";
import { test } from "node:test";
import { patternOf } from "../../../search/pattern.ts";

const found = (query: string, text: string) => patternOf(query).expression.exec(text)?.[0];

test("text is looked for as it stands, whatever its case", () => {
  for (const text of ["a.b", "(*", "[x]", "^$", "a\\b", "{1}", "|", "Straße", "-", "/orders/17", "5€"])
    assert.equal(found(text.toUpperCase(), `… ${text.toUpperCase()} …`), text.toUpperCase());
  assert.equal(found("content-TYPE: ä", "Content-Type: Ä"), "Content-Type: Ä");
  assert.equal(found("a.b", "axb"), undefined);
});

test("between slashes an expression stands, its flags behind", () => {
  assert.equal(found("/o.d\\w+/", "the Orders, an order"), "order");
  assert.equal(found("/O.D\\w+/i", "an order"), "order");
  assert.equal(found("/[/]x/", "a/x"), "/x");
  assert.equal(found("/^b$/m", "a\nb\nc"), "b");
});

test("a path is no expression", () => {
  for (const path of ["/api/orders/", "/orders/me", "/", "//", "/a/b/c"])
    assert.equal(found(path, path), path);
});

test("what can't be looked for is refused in words", () => {
  assert.throws(() => patternOf(""), { name: "RangeError", message: /nothing to search for/ });
  assert.throws(() => patternOf("/(/"), { name: "RangeError", message: /Unterminated group/ });
  assert.throws(() => patternOf("/a/ii"), { name: "RangeError", message: /flags/ });
  assert.throws(() => patternOf("x".repeat(1001)), { name: "RangeError", message: /1,000 characters/ });
});
