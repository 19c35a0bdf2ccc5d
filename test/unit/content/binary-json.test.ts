import assert from "node:assert/strict";
import { test } from "node:test";
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import fc from "fast-check";
import { parseCbor, parseMsgpack, type Values } from "../../../content/binary-json.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const one = ({ texts, fault }: Values) =>
  fault === undefined && texts.length === 1 ? texts[0] : { texts, fault };

test("MessagePack: long numbers, keys of any type in their order and repeated, bytes, extensions, times", () => {
  assert.equal(one(parseMsgpack(hex("cf ffffffffffffffff"))), "18446744073709551615");
  assert.equal(
    one(parseMsgpack(hex("84 a162 01 02 c0 a162 c3 92 01 02 c4 02 00ff"))),
    `{
  "b": 1,
  2: null,
  "b": true,
  [ 1, 2 ]: h'00ff'
}`,
  );
  assert.equal(one(parseMsgpack(hex("d6 ff 00000000"))), "timestamp(1970-01-01T00:00:00.000Z)");
  assert.equal(one(parseMsgpack(hex("d4 05 aa"))), "ext 5(h'aa')");
  assert.equal(one(parseMsgpack(hex("92 80 90"))), "[\n  {},\n  []\n]");
});

test("CBOR: tags, byte strings, undefined, keys of any type, indefinite lengths, sequences", () => {
  assert.equal(one(parseCbor(hex("c1 1a514b67b0"))), "1(1363896240)");
  assert.equal(
    one(parseCbor(hex("d9d9f7 a2 01 f7 82 01 02 fb 7e37e43c8800759c"))),
    `55799({
  1: undefined,
  [ 1, 2 ]: 1e+300
})`,
  );
  assert.equal(one(parseCbor(hex("1bffffffffffffffff"))), "18446744073709551615");
  assert.equal(one(parseCbor(hex("9f 01 bf 6161 f4 ff ff"))), '[\n  1,\n  {\n    "a": false\n  }\n]');
  assert.deepEqual(parseCbor(hex("01 6161 f9 7e00")), { texts: ["1", '"a"', "NaN"] });
  const long = Buffer.concat([hex("59 0400"), Buffer.alloc(1024, 0xab)]);
  assert.equal(one(parseCbor(long)), `h'${"ab".repeat(64)}…' (1,024 bytes)`);
});

test("what a JSON can say, either says too", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const clean: unknown = JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto"));
      for (const { texts } of [parseMsgpack(encodeMsgpack(clean)), parseCbor(encodeCbor(clean))])
        assert.deepEqual(sorted(JSON.parse(texts[0] ?? "")), sorted(clean));
    }),
  );
});

/** cborg sorts keys; numbers by both formats' ways to write them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

test("cut at every byte: the values before stand, and it is said that more can't be read", () => {
  const value = { a: [1, 2.5, "three"], b: new Uint8Array(3), c: null };
  for (const [parse, encoded] of [
    [parseMsgpack, encodeMsgpack(value)],
    [parseCbor, encodeCbor(value)],
  ] as const) {
    const first = parse(encoded).texts[0];
    for (let end = 1; end < encoded.length; end++) {
      const { texts, fault } = parse(Buffer.concat([encoded, encoded.subarray(0, end)]));
      assert.deepEqual(texts, [first]);
      assert.ok(fault);
    }
  }
});

test("any bytes, also what claims to be endless or nested without end: no throw, no hang", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const { texts, fault } of [parseMsgpack(bytes), parseCbor(bytes)])
        assert.ok(texts.length <= bytes.length && (fault === undefined || fault !== ""));
    }),
    { numRuns: 3000 },
  );
  for (const byte of [0x81, 0x91, 0x9f, 0xbf, 0xc1]) {
    const deep = new Uint8Array(200_000).fill(byte);
    assert.ok(parseCbor(deep).fault);
    assert.ok(parseMsgpack(deep).fault);
  }
  for (const claim of ["ddffffffff", "dfffffffff", "c6ffffffff"]) assert.ok(parseMsgpack(hex(claim)).fault);
  for (const claim of ["9bffffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff"])
    assert.ok(parseCbor(hex(claim)).fault);
  assert.equal(parseCbor(new Uint8Array(5000)).texts.length, 1000);
});
