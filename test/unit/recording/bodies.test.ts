import assert from "node:assert/strict";
import { test } from "node:test";
import { readBodies, type ReadBody } from "../../../recording/bodies.ts";
import type { BodyResult } from "../../../protocol/rpc.ts";
import { bodyOf, exchange } from "./exchange.ts";

/** Answers in parts of at most four bytes. `gone`: from which offset on the bytes have been given up. */
function helper(gone: number): ReadBody {
  return async ({ start, end: wanted }) => {
    const end = Math.min(wanted, start + 4);
    const held = start < gone;
    return {
      base64: Buffer.alloc(end - start, held ? "x" : 0).toString("base64"),
      end,
      ranges: held ? [{ start, end, source: "write" }] : [],
      missing: held ? [] : [{ start, end, reason: "evicted" }],
    };
  };
}

const response = {
  ...exchange.response!,
  body: bodyOf(15, {
    ranges: [{ start: 0, end: 10, source: "write" }],
    missing: [{ start: 10, end: 15, reason: "body-limit" }],
  }),
};

test("a body comes in parts, with what the exchange says of its end", async () => {
  const bodies = await readBodies(helper(Infinity), { ...exchange, response });
  assert.deepEqual(bodies.response, {
    bytes: Buffer.alloc(10, "x"),
    ranges: [{ start: 0, end: 10, source: "write" }],
    missing: [{ start: 10, end: 15, reason: "body-limit" }],
  });
});

test("what is given up between two parts is missing, and no zeros", async () => {
  const bodies = await readBodies(helper(4), { ...exchange, response });
  assert.deepEqual(bodies.response, {
    bytes: Buffer.alloc(4, "x"),
    ranges: [{ start: 0, end: 4, source: "write" }],
    missing: [
      { start: 4, end: 10, reason: "evicted" },
      { start: 10, end: 15, reason: "body-limit" },
    ],
  });
});

test("an exchange that is no longer kept has given up everything", async () => {
  const dropped: BodyResult = { base64: "", end: 0, ranges: [], missing: [] };
  const bodies = await readBodies(async () => dropped, { ...exchange, response });
  assert.deepEqual(bodies.response?.bytes.length, 0);
  assert.deepEqual(bodies.response?.missing[0], { start: 0, end: 10, reason: "evicted" });
});
