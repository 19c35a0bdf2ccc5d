import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Budget } from "../../../../content/protobuf/budget.ts";
import { parseProtobuf, protobufText, unknownMessage } from "../../../../content/protobuf/by-number.ts";
import { growth } from "../../growth.ts";

const text = (hex: string) => {
  const fields = parseProtobuf(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  return fields === undefined ? undefined : protobufText(fields);
};

const known: [hex: string, text: string | undefined][] = [
  ["08 96 01", "1: 150"],
  ["12 07 74 65 73 74 69 6e 67", '2: "testing"'],
  ["1a 03 08 96 01", "3: {\n  1: 150\n}"],
  ["22 05 68 65 6c 6c 6f 28 01 28 02", '4: "hello"\n5: 1\n5: 2'],
  ["08 ff ff ff ff ff ff ff ff ff 01", "1: -1"],
  ["0d 00 00 80 3f", "1: 1065353216 or 1"],
  ["09 00 00 00 00 00 00 f0 3f", "1: 4607182418800017408 or 1"],
  ["0a 00", '1: ""'],
  ["0a 02 ff fe", "1: bytes ff fe"],
  ["", ""],
  ["08", undefined],
  ["0a 05 61", undefined],
  ["00 01", undefined],
  ["0b 08 01 0c", "1: {\n  1: 1\n}"],
  ["0b 13 0c 14", undefined],
  ["0b 08 01", undefined],
  ["0c", undefined],
];
for (const [hex, expected] of known)
  test(`Protocol Buffers: ${hex || "nothing"}`, () => assert.equal(text(hex), expected));

test("a field that comes many times costs no more than its bytes", () => {
  const read = (count: number) => unknownMessage(Buffer.from("0801".repeat(count), "hex"), new Budget());
  assert.ok(growth(read, 1000, 50) < 10);
});

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
const tag = (number: number, wireType: number) => varint((BigInt(number) << 3n) | BigInt(wireType));

interface Written {
  bytes: number[];
  text: string;
}

const integer = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 29 - 1 }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }))
  .map(([number, value]): Written => ({
    bytes: [...tag(number, 0), ...varint(value)],
    text: `${number}: ${value}`,
  }));
const words = fc
  .tuple(fc.integer({ min: 1, max: 100 }), fc.stringMatching(/^[ -~äé]{0,20}$/))
  .map(([number, said]): Written => {
    const bytes = [...Buffer.from(said)];
    return {
      bytes: [...tag(number, 2), ...varint(BigInt(bytes.length)), ...bytes],
      text: `${number}: ${JSON.stringify(said)}`,
    };
  });
/** It begins with a tag that is a control character, so that it can't pass for a text. */
const message = (inner: fc.Arbitrary<Written>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.array(inner, { maxLength: 3 }))
    .map(([number, all]): Written => {
      const bytes = [...tag(1, 0), 1, ...all.flatMap((each) => each.bytes)];
      const lines = ["1: 1", ...all.map((each) => each.text)].join("\n").replaceAll(/^/gm, "  ");
      return {
        bytes: [...tag(number, 2), ...varint(BigInt(bytes.length)), ...bytes],
        text: `${number}: {\n${lines}\n}`,
      };
    });

test("fields of any number and kind, nested, are what they were", () => {
  const flat = fc.oneof(integer, words);
  const field = fc.oneof(flat, message(fc.oneof(flat, message(flat))));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 4 }), (fields) => {
      const parsed = parseProtobuf(Uint8Array.from(fields.flatMap((each) => each.bytes)));
      assert.ok(parsed !== undefined);
      assert.equal(protobufText(parsed), fields.map((each) => each.text).join("\n"));
    }),
    { numRuns: 300 },
  );
});

test("any bytes, also nested without end: no throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const fields = parseProtobuf(bytes);
      if (fields !== undefined) protobufText(fields);
    }),
  );
  let nested = Buffer.from([8, 1]);
  for (let i = 0; i < 3000; i++)
    nested = Buffer.concat([Buffer.from([0x0a, ...varint(BigInt(nested.length))]), nested]);
  assert.ok(parseProtobuf(nested) !== undefined);
});
