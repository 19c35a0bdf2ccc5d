/** The frames of gRPC, gRPC-Web and Connect, and what stands around them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dialectOf, methodOf } from "../../../../content/grpc/dialect.ts";
import { parseGrpc } from "../../../../content/grpc/messages.ts";
import { statusOf, trailerLines } from "../../../../content/grpc/status.ts";
import { decodeWebText } from "../../../../content/grpc/web-text.ts";
import type { Header } from "../../../../protocol/exchange.ts";

const body = Buffer.from("00000000030896010100000002abcd8000000010677270632d7374617475733a20300d0a", "hex");
const ends = [8, 15, 36];

test("a body's messages, cut at every byte, compressed ones and the end marked", () => {
  for (let cut = 0; cut <= body.length; cut++) {
    const { messages, brokenAt, lostAt } = parseGrpc(body.subarray(0, cut), 0x80);
    assert.deepEqual([brokenAt, lostAt], [undefined, undefined]);
    const whole = messages.filter(({ isWhole }) => isWhole);
    assert.deepEqual(
      whole.map(({ end }) => end),
      ends.filter((end) => end <= cut),
    );
  }
  assert.deepEqual(
    parseGrpc(body, 0x80).messages.map(({ length, isCompressed, isEnd }) => [length, isCompressed, isEnd]),
    [
      [3, false, false],
      [2, true, false],
      [16, false, true],
    ],
  );
  assert.equal(parseGrpc(Buffer.from("0000000001aa7700000000", "hex"), 0x80).brokenAt, 6);
  // Connect ends otherwise.
  assert.equal(parseGrpc(Buffer.from("02000000027b7d", "hex"), 2).messages[0]?.isEnd, true);
  assert.equal(parseGrpc(body, 2).brokenAt, 15);
});

test("a gap costs the message that it is in; one that takes a length, all that follows", () => {
  for (let at = 0; at < body.length; at++) {
    const { messages, lostAt } = parseGrpc(body, 0x80, [{ start: at, end: at + 1 }]);
    const starts = [0, 8, 15];
    const hit = starts.findLastIndex((start) => start <= at);
    const isInHead = at < starts[hit]! + 5;
    assert.equal(lostAt, isInHead ? starts[hit] : undefined);
    assert.deepEqual(
      messages.map(({ isWhole }) => isWhole),
      starts.slice(0, isInHead ? hit : 3).map((_, i) => i !== hit),
    );
  }
});

test("gRPC-Web as text: cut at every byte, however it was padded, each byte with its place in the text", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { maxLength: 5 }), (pieces) => {
      const whole = Buffer.concat(pieces);
      const texts = pieces.map((piece) => Buffer.from(piece).toString("base64"));
      const text = Buffer.from(texts.join(""));
      for (let cut = 0; cut <= text.length; cut++) {
        const { bytes, textEnd, brokenAt } = decodeWebText(text.subarray(0, cut));
        assert.equal(brokenAt, undefined);
        assert.deepEqual(Buffer.from(bytes), whole.subarray(0, bytes.length));
        assert.ok(bytes.length === 0 || textEnd(bytes.length) <= cut);
      }
      const { bytes, textEnd } = decodeWebText(text);
      assert.deepEqual(Buffer.from(bytes), whole);
      let [inBytes, inText] = [0, 0];
      for (const [i, piece] of pieces.entries()) {
        inBytes += piece.length;
        inText += texts[i]!.length;
        assert.equal(textEnd(inBytes), inText);
      }
    }),
    { numRuns: 50 },
  );
  assert.equal(decodeWebText(Buffer.from("AAAA<html>")).brokenAt, 4);
});

const dialects: [type: string, told: string | undefined][] = [
  ["application/grpc", "gRPC proto"],
  ["application/grpc+proto", "gRPC proto"],
  ["application/grpc+json; charset=utf-8", "gRPC json"],
  ["Application/gRPC-Web+Proto", "gRPC-Web proto"],
  ["application/grpc-web-text", "gRPC-Web proto as text"],
  ["application/grpc-web-text+proto", "gRPC-Web proto as text"],
  ["application/connect+json", "Connect json"],
  ["application/proto", "Protocol Buffers proto"],
  ["application/x-protobuf", "Protocol Buffers proto"],
  ["application/grpcx", undefined],
  ["application/json", undefined],
  ["", undefined],
];
for (const [type, told] of dialects)
  test(`${type || "no type"} is ${told ?? "none of them"}`, () => {
    const dialect = dialectOf([["Content-Type", type]]);
    assert.equal(dialect && `${dialect.name} ${dialect.format}${dialect.isText ? " as text" : ""}`, told);
  });

const targets: [target: string, method: string | undefined][] = [
  ["/shop.v1.Shop/Buy", "shop.v1.Shop/Buy"],
  ["/twirp/shop.v1.Shop/Buy?a=/b/c", "shop.v1.Shop/Buy"],
  ["http://shop.example:80/shop.Shop/Buy", "shop.Shop/Buy"],
  ["/Buy", undefined],
  ["*", undefined],
  ["", undefined],
];
for (const [target, method] of targets)
  test(`the target ${target || "that is empty"} calls ${method ?? "no method"}`, () =>
    assert.equal(methodOf(target), method));

const statuses: [
  title: string,
  headers: Header[],
  trailers: Header[],
  code: number | undefined,
  message?: string,
][] = [
  ["behind the messages", [], [["grpc-status", "0"]], 0, ""],
  ["alone", [["grpc-status", "12"]], [], 12, ""],
  [
    "with a message",
    [],
    [
      ["Grpc-Status", "5"],
      ["Grpc-Message", "100%25 caf%C3%A9 é %zz"],
    ],
    5,
    "100% café é %zz",
  ],
  ["that is none", [], [["grpc-status", "x"]], undefined],
  ["that is absent", [], [], undefined],
];
for (const [title, headers, trailers, code, message] of statuses)
  test(`a status ${title}`, () => {
    const status = statusOf({ headers, trailers });
    assert.deepEqual([status?.code, status?.message], [code, message]);
  });

test("trailers of gRPC-Web are lines; what isn't one is left out", () => {
  assert.deepEqual(trailerLines(Buffer.from("grpc-status:0\r\nA: b:c\r\nnothing\r\n")), [
    ["grpc-status", "0"],
    ["A", "b:c"],
  ]);
});
