import assert from "node:assert/strict";
import { test } from "node:test";
import { requestCookies, responseCookies } from "../../../content/cookies.ts";

test("cookies that are brought: all of all lines, their values as they stand there", () => {
  const cookies = requestCookies([
    ["Cookie", 'a=1; b="two=2"; ; c=; bare'],
    ["Host", "x"],
    ["cookie", "a=3"],
  ]);
  assert.deepEqual(
    cookies.map(({ name, value }) => [name, value]),
    [
      ["a", "1"],
      ["b", '"two=2"'],
      ["c", ""],
      ["", "bare"],
      ["a", "3"],
    ],
  );
});

test("cookies that are set: each of its line, with what is said of it", () => {
  assert.deepEqual(
    responseCookies([
      ["Set-Cookie", "a=1; Path=/; HttpOnly;; Expires=Thu, 01 Jan 2026 00:00:00 GMT"],
      ["set-cookie", ""],
    ]),
    [
      {
        name: "a",
        value: "1",
        attributes: [
          ["Path", "/"],
          ["HttpOnly", ""],
          ["Expires", "Thu, 01 Jan 2026 00:00:00 GMT"],
        ],
      },
    ],
  );
});
