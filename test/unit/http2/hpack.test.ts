import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { maxHead } from "../../../protocol/exchange.ts";
import { HpackDecoder, type Block } from "../../../helper/http2/hpack.ts";
import { decodeHuffman } from "../../../helper/http2/huffman.ts";

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** Pairs, `?` for what is unknown. */
function pairs({ fields }: Block): string[][] {
  return fields.map(({ name, value }) => [name ?? "?", value ?? "?"]);
}

/** One story of RFC 7541, appendix C: blocks of one connection, and what they say. */
function story(title: string, blocks: [wire: string, ...fields: string[]][], setUp = ""): void {
  test(title, () => {
    const decoder = new HpackDecoder(true);
    decoder.decode(hex(setUp), true);
    for (const [wire, ...fields] of blocks) {
      const block = decoder.decode(hex(wire), true);
      assert.ok(block.whole);
      assert.deepEqual(
        pairs(block).map(([name, value]) => `${name}: ${value}`),
        fields,
      );
    }
  });
}

const requests = [
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
  [
    ":method: GET",
    ":scheme: https",
    ":path: /index.html",
    ":authority: www.example.com",
    "custom-key: custom-value",
  ],
] as const;
const responses = [
  [
    ":status: 302",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ],
  [
    ":status: 307",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ],
  [
    ...[":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT"],
    ...["location: https://www.example.com", "content-encoding: gzip"],
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ],
] as const;

story("the RFC's single fields: literal with and without indexing, never indexed, and indexed", [
  ["400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header"],
  ["040c2f73616d706c652f70617468", ":path: /sample/path"],
  ["100870617373776f726406736563726574", "password: secret"],
  ["82", ":method: GET"],
]);
story("the RFC's requests without Huffman code", [
  ["828684410f7777772e6578616d706c652e636f6d", ...requests[0]],
  ["828684be58086e6f2d6361636865", ...requests[1]],
  ["828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", ...requests[2]],
]);
story("the RFC's requests with Huffman code", [
  ["828684418cf1e3c2e5f23a6ba0ab90f4ff", ...requests[0]],
  ["828684be5886a8eb10649cbf", ...requests[1]],
  ["828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", ...requests[2]],
]);
story(
  "the RFC's responses, whose table is so small that it evicts",
  [
    [
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
      ...responses[0],
    ],
    ["4883640effc1c0bf", ...responses[1]],
    [
      "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
      ...responses[2],
    ],
  ],
  "3fe101", // 256 bytes
);

const vectors: Record<string, { wire: string; headers: string[][] }[]> = JSON.parse(
  readFileSync(join(import.meta.dirname, "hpack-vectors.json"), "utf8"),
);
for (const [encoder, blocks] of Object.entries(vectors)) {
  test(`blocks of ${encoder}: all fields, from the start on`, () => {
    const decoder = new HpackDecoder(true);
    for (const { wire, headers } of blocks) {
      const block = decoder.decode(hex(wire), true);
      assert.deepEqual(pairs(block), headers);
      assert.ok(block.whole);
    }
  });

  test(`blocks of ${encoder}, seen from any on: what is shown is true, and soon it is all`, () => {
    let unknown = 0;
    let all = 0;
    for (let first = 1; first < blocks.length; first++) {
      const decoder = new HpackDecoder(false);
      blocks.slice(first).forEach(({ wire, headers }) => {
        const found = pairs(decoder.decode(hex(wire), true));
        assert.equal(found.length, headers.length);
        found.forEach(([name, value], i) => {
          const [trueName, trueValue] = headers[i]!;
          assert.ok(name === trueName || name === "?", `${name} is ${trueName}`);
          assert.ok(value === trueValue || value === "?", `${value} is ${trueValue}`);
          if (value === "?") unknown++;
          all++;
        });
      });
    }
    assert.ok(unknown > 0 && unknown * 6 < all, `${unknown} of ${all} values are unknown`);
  });

  test(`blocks of ${encoder}, one of them cut off: nothing after it is wrong`, () => {
    for (let lost = 0; lost < blocks.length; lost++) {
      const decoder = new HpackDecoder(true);
      blocks.forEach(({ wire, headers }, i) => {
        const bytes = hex(wire);
        const cut = bytes.subarray(0, i === lost ? bytes.length / 2 : bytes.length);
        const block = decoder.decode(cut, i !== lost);
        assert.equal(block.whole, i !== lost);
        pairs(block).forEach(([name, value], at) => {
          const [trueName, trueValue] = headers[at]!;
          assert.ok(name === trueName || name === "?", `${name} is ${trueName}`);
          assert.ok(value === trueValue || value === "?", `${value} is ${trueValue}`);
        });
      });
    }
  });
}

test("an unknown value is told from an empty one, and an unknown name keeps the value that was sent", () => {
  const decoder = new HpackDecoder(false);
  // x-a with an empty value, inserted; the table's first and second fields; its third one's name, with a value.
  const block = decoder.decode(hex("4003782d6100 be bf 7f01 0131"), true);
  assert.deepEqual(block.fields, [
    { name: "x-a", value: "" },
    { name: "x-a", value: "" },
    { name: undefined, value: undefined },
    { name: undefined, value: "1" },
  ]);
  assert.deepEqual(decoder.decode(hex("be bf c0"), true).fields, [
    { name: undefined, value: "1" },
    { name: "x-a", value: "" },
    { name: undefined, value: undefined },
  ]);
});

test("a wrong Huffman code costs its text alone", () => {
  const decoder = new HpackDecoder(true);
  // x: the end of string's code, 30 ones, which no text holds; then y: 1.
  const block = decoder.decode(hex("400178 84ffffffff 400179 0131"), true);
  assert.deepEqual(pairs(block), [
    ["x", "?"],
    ["y", "1"],
  ]);
  assert.deepEqual(pairs(decoder.decode(hex("be bf"), true)), [
    ["y", "1"],
    ["x", "?"],
  ]);
});

test("Huffman padding of a byte or more, or of zeros, is none", () => {
  assert.equal(decodeHuffman(hex("1f")), "a");
  assert.equal(decodeHuffman(hex("1fff")), undefined);
  assert.equal(decodeHuffman(hex("18")), undefined);
});

test("a block of single bytes that name a large field is cut, and costs no more than is kept", () => {
  const decoder = new HpackDecoder(true);
  const large = Buffer.alloc(4000, 97);
  decoder.decode(Buffer.concat([hex("400178 7fa11e"), large]), true);
  const block = decoder.decode(Buffer.alloc(100_000, 0xbe), true);
  assert.deepEqual([block.whole, block.isCut], [true, true]);
  assert.ok(block.fields.length > 1 && (block.fields.length - 1) * 4000 <= maxHead);
  assert.deepEqual(
    pairs(decoder.decode(hex("be"), true)),
    [["x", large.toString()]],
    "the table stays known",
  );
});

test("no more is kept of a table than its limit, whatever size is asked for", () => {
  const decoder = new HpackDecoder(true);
  // 2^27 bytes.
  decoder.decode(hex("3fe1ffff3f"), true);
  const entry = Buffer.concat([hex("400178 7fa11e"), Buffer.alloc(4000, 97)]);
  for (let i = 0; i < 100; i++) decoder.decode(entry, true);
  const indexes = Buffer.from(Array.from({ length: 60 }, (_, i) => 0x80 + 62 + i));
  const known = decoder.decode(indexes, true).fields.filter(({ name }) => name !== undefined);
  assert.equal(known.length, Math.floor(65536 / 4033));
});

test("no bytes make it throw, and each block ends", () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.uint8Array({ maxLength: 200 })),
      fc.boolean(),
      (start, blocks, whole) => {
        const decoder = new HpackDecoder(start);
        for (const bytes of blocks)
          assert.ok(decoder.decode(Buffer.from(bytes), whole).fields.length <= bytes.length);
      },
    ),
    { numRuns: 2000 },
  );
});
