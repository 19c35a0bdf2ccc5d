/** Messages by their descriptors: against another implementation, which encodes them and says what JSON they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeMessage, Misfit } from "../../../../content/protobuf/decode.ts";
import { jsonText } from "../../../../content/protobuf/value.ts";
import { describedShop, root } from "./shop.ts";

const descriptors = describedShop();

const decoded = (bytes: Uint8Array, type: string): unknown =>
  JSON.parse(jsonText(decodeMessage(bytes, `shop.v1.${type}`, descriptors)));
const encoded = (json: unknown, type: string): Uint8Array => {
  const of = root.lookupType(`shop.v1.${type}`);
  return of.encode(of.fromJson(json)).finish();
};

const word = fc.string({ unit: "binary", maxLength: 8 });
const int32 = fc.integer();
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const double = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0);
/** Those of 32 bits that need few digits: others protobufjs writes with those of 64. */
const float = fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 4);
const colour = fc.constantFrom("COLOUR_NONE", "RED", "GREEN");

const scalars = fc.record(
  {
    ...{ double, float, int32, int64, uint32, uint64, sint32: int32, sint64: int64, fixed32: uint32 },
    ...{ fixed64: uint64, sfixed32: int32, sfixed64: int64, bool: fc.boolean(), string: word, colour },
    bytes: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    ...{ int32s: fc.array(int32), doubles: fc.array(double), strings: fc.array(word) },
    ...{ colours: fc.array(colour), apart: fc.array(int64) },
  },
  { requiredKeys: [] },
);
const { line } = fc.letrec((tie) => ({
  line: fc.record({ itemName: word, unitPrice: int64, partOf: tie("line") }, { requiredKeys: [] }),
}));
const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: true });
const order = fc.record(
  {
    ...{ id: word, lines: fc.array(line!, { maxLength: 3 }), stock: fc.dictionary(word, int32) },
    ...{
      byNumber: fc.dictionary(int64, line!),
      colours: fc.dictionary(fc.constantFrom("true", "false"), colour),
    },
    ...{ card: word, limit: int64, words: word, values: fc.array(json, { maxLength: 3 }) },
    extra: fc.dictionary(word, json),
    at: fc
      .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString().replace(".000Z", "Z")),
    within: fc.integer({ min: -99_999, max: 99_999 }).map((value) => `${value}s`),
    mask: fc.constantFrom("", "id", "id,byNumber"),
  },
  { requiredKeys: [] },
);

for (const [type, messages] of [
  ["Scalars", scalars],
  ["Order", order],
] as const)
  test(`${type} of any content say what protobufjs makes of them`, () => {
    const of = root.lookupType(`shop.v1.${type}`);
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encoded(message, type);
        assert.deepEqual(decoded(bytes, type), of.toJson(of.decode(bytes)));
      }),
      { numRuns: 200 },
    );
  });

/** A field of bytes: a text, a message, what is packed. */
function field(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes]);
}

function integer(number: number, value: bigint): Uint8Array {
  return Buffer.concat([varint(BigInt(number) << 3n), varint(BigInt.asUintN(64, value))]);
}

function varint(value: bigint): Buffer {
  const [low, rest] = [Number(value & 127n), value >> 7n];
  return rest === 0n ? Buffer.of(low) : Buffer.concat([Buffer.of(low | 128), varint(rest)]);
}

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const line1 = field(1, "b");
const url = (type: string) => field(1, `type.googleapis.com/${type}`);

/** What protobufjs writes otherwise, or not at all. */
const known: [title: string, type: string, bytes: Uint8Array[], json: unknown][] = [
  ["a number of 32 bits in as few digits as tell it", "Scalars", [hex("15 cdcccc3d")], { float: 0.1 }],
  ["what is no number", "Scalars", [hex("09 000000000000f87f")], { double: "NaN" }],
  ["a number that the enum doesn't name", "Scalars", [integer(16, 7n)], { colour: 7 }],
  [
    "packed and not, in one field",
    "Scalars",
    [integer(17, 5n), field(17, hex("06 07"))],
    { int32s: [5, 6, 7] },
  ],
  ["an unknown field by its number", "Order", [integer(101, 1n), field(1, "a")], { 101: 1, id: "a" }],
  ["an unknown group", "Order", [hex("ab06 0801 ac06")], { 101: { 1: 1 } }],
  [
    "unknown ones that are repeated",
    "Order",
    [field(100, "a"), field(100, integer(1, 1n))],
    { 100: ["a", { 1: 1 }] },
  ],
  [
    "the last of what excludes each other",
    "Order",
    [field(5, "a"), field(6, line1)],
    { voucher: { itemName: "b" } },
  ],
  [
    "a message in two parts",
    "Order",
    [field(6, line1), field(6, integer(2, 3n))],
    { voucher: { itemName: "b", unitPrice: "3" } },
  ],
  ["a field that is sent twice", "Order", [field(1, "a"), field(1, "b")], { id: "b" }],
  ["a map's entry without its value", "Order", [field(3, field(1, "a"))], { stock: { a: 0 } }],
  ["a map's entry without its key", "Order", [field(4, "")], { byNumber: { 0: {} } }],
  ["a time with billionths", "Order", [field(7, integer(2, 1n))], { at: "1970-01-01T00:00:00.000000001Z" }],
  ["a time before 1970", "Order", [field(7, integer(1, -1n))], { at: "1969-12-31T23:59:59Z" }],
  ["what is no time", "Order", [field(7, integer(2, 2_000_000_000n))], { at: { nanos: 2_000_000_000 } }],
  ["half a second back", "Order", [field(8, integer(2, -500_000_000n))], { within: "-0.500s" }],
  ["the default of a wrapped number", "Order", [field(11, "")], { limit: "0" }],
  [
    "null, and a value without any",
    "Order",
    [field(13, integer(1, 0n)), field(13, "")],
    { values: [null, null] },
  ],
  [
    "Any of a type that is known",
    "Order",
    [field(10, Buffer.concat([url("shop.v1.Order.Line"), field(2, line1)]))],
    { detail: { "@type": "type.googleapis.com/shop.v1.Order.Line", itemName: "b" } },
  ],
  [
    "Any of one that JSON has a form for",
    "Order",
    [field(10, Buffer.concat([url("google.protobuf.Duration"), field(2, integer(1, 3n))]))],
    { detail: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "3s" } },
  ],
  [
    "Any of one that nobody knows",
    "Order",
    [field(10, Buffer.concat([url("x.Y"), field(2, line1)]))],
    { detail: { "@type": "type.googleapis.com/x.Y", 1: "b" } },
  ],
];
for (const [title, type, bytes, json] of known)
  test(`by descriptor: ${title}`, () => assert.deepEqual(decoded(Buffer.concat(bytes), type), json));

const misfits: [bytes: Uint8Array, why: string][] = [
  [integer(1, 5n), "field 1 (id) is no string"],
  [field(1, hex("ff")), "field 1 (id) is no string"],
  [field(2, hex("ff")), "its bytes are no message"],
  [field(2, field(2, "x")), "field 2 (unitPrice) is no int64"],
  [integer(2, 1n), "field 2 (lines) is no shop.v1.Order.Line"],
  [field(3, field(2, "x")), "field 2 (value) is no int32"],
  [hex("0a"), "its bytes are no message"],
];
for (const [bytes, why] of misfits)
  test(`a message that doesn't fit its descriptor: ${why}`, () =>
    assert.throws(() => decoded(bytes, "Order"), new Misfit(why)));

test("any bytes, and a message cut anywhere: JSON, or a misfit", () => {
  const read = (bytes: Uint8Array, type: string) => {
    try {
      decoded(bytes, type);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => read(bytes, "Order")));
  const whole = encoded(
    { id: "a", lines: [{ itemName: "b" }], extra: { a: [1, { b: null }] }, at: "2026-01-02T03:04:05Z" },
    "Order",
  );
  for (let cut = 0; cut < whole.length; cut++) read(whole.subarray(0, cut), "Order");
  let nested = Buffer.from(line1);
  for (let i = 0; i < 200; i++) nested = Buffer.from(field(3, nested));
  assert.throws(() => decoded(field(6, nested), "Order"), /nested more than 100 deep/);
});

test("a type of which there is no descriptor: by number", () => {
  assert.deepEqual(decoded(Buffer.concat([integer(1, 2n), field(2, "a")]), "Unknown"), { 1: 2, 2: "a" });
});
