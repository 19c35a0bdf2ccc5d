/** Calls as a person reads them, of every dialect. */
import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { readCall, usualCallLimits, type Description } from "../../../../content/node/grpc.ts";
import type { CallMessage, CallMessages } from "../../../../protocol/content.ts";
import type { Body, Exchange, Header, Missing } from "../../../../protocol/exchange.ts";
import { noDescriptors } from "../../../../content/protobuf/descriptors.ts";

interface Sent {
  headers: Header[];
  bytes?: Uint8Array;
  trailers?: Header[];
  body?: Partial<Body>;
  missing?: Missing[];
}

function bodyOf({ bytes = Buffer.alloc(0), body, missing = [] }: Sent): Body {
  return { size: bytes.length, end: "complete", ranges: [], missing, ...body };
}

function call(
  request: Sent,
  response: Sent,
  description?: Description,
  limits = usualCallLimits,
): Promise<CallMessages> {
  const version = "HTTP/2";
  const { trailers = [] } = response;
  const exchange: Exchange = {
    ...{ id: 1, pid: 1, process: "", role: "server", local: "", remote: "", state: "complete", start: 0 },
    ...{ duration: 9, requestEnd: 1, responseStart: 5 },
    request: {
      method: "POST",
      target: "/shop.Shop/Buy",
      version,
      headers: request.headers,
      body: bodyOf(request),
    },
    response: {
      status: 200,
      statusText: "",
      version,
      headers: response.headers,
      trailers,
      body: bodyOf(response),
    },
  };
  const sides = { request, response };
  const read = async (side: "request" | "response", start: number, end: number) => {
    const { bytes = Buffer.alloc(0), missing = [] } = sides[side];
    return { base64: Buffer.from(bytes.subarray(start, end)).toString("base64"), end, ranges: [], missing };
  };
  return readCall(exchange, read, description, limits);
}

const line = ({ from, kind, time, name, text, fault, unpacked, isWhole }: CallMessage) =>
  [from, kind, time, name, text, fault, unpacked?.coding, isWhole || "cut"]
    .filter((each) => each !== undefined && each !== true)
    .join(" ");
const lines = ({ messages, notes }: CallMessages) => [...messages.map(line), ...notes];

function frame(bytes: Uint8Array | string, flags = 0): Buffer {
  const content = Buffer.from(bytes);
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

const type = (name: string): Header => ["content-type", `application/${name}`];
const order = Buffer.from("0a0161", "hex");
const ok: Header[] = [["grpc-status", "0"]];
const grpc = (bytes: Uint8Array): Sent => ({ headers: [type("grpc")], bytes });

test("unary: what each side said, and the status at the end", async () => {
  const told = await call(grpc(frame(order)), { ...grpc(frame("")), trailers: ok });
  assert.deepEqual(lines(told), ['client message 1 1: "a"', "server message 5 ", "server status 9 OK "]);
  assert.equal(told.isUndescribed, true);
});

test("streams of both sides, in the order in which they came", async () => {
  const both = Buffer.concat([frame(order), frame(order)]);
  const at = (first: number, second: number): Partial<Body> => ({
    arrivals: [
      [0, first],
      [8, second],
    ],
  });
  const told = await call({ ...grpc(both), body: at(1, 3) }, { ...grpc(both), body: at(2, 4), trailers: ok });
  assert.deepEqual(
    told.messages.map(({ from, time }) => `${from} ${time}`),
    ["client 1", "server 2", "client 3", "server 4", "server 9"],
  );
});

const compressed: [coding: string, bytes: Buffer, text: string][] = [
  ["gzip", zlib.gzipSync(order), "gzip"],
  ["deflate", zlib.deflateSync(order), "deflate"],
  ["br", zlib.brotliCompressSync(order), "br"],
];
for (const [coding, bytes] of compressed)
  test(`compressed by ${coding}`, async () => {
    const headers: Header[] = [type("grpc"), ["grpc-encoding", coding]];
    const told = await call(
      { headers, bytes: Buffer.concat([frame(order), frame(bytes, 1)]) },
      grpc(frame("")),
    );
    assert.deepEqual(lines(told).slice(0, 2), [
      'client message 1 1: "a"',
      `client message 1 1: "a" ${coding}`,
    ]);
  });

const faults: [title: string, coding: Header[], bytes: Buffer, fault: RegExp][] = [
  [
    "by what nobody knows",
    [["grpc-encoding", "snappy"]],
    order,
    /compressed: the coding “snappy” isn't known/,
  ],
  ["by what isn't said", [], order, /compressed, and no header says by what/],
  ["and corrupt", [["grpc-encoding", "gzip"]], order, /compressed: what follows is no gzip/],
  [
    "and cut",
    [["grpc-encoding", "gzip"]],
    zlib.gzipSync("a".repeat(99)).subarray(0, 15),
    /compressed: the encoded bytes end/,
  ],
  [
    "and a bomb",
    [["grpc-encoding", "gzip"]],
    zlib.gzipSync(Buffer.alloc(17 << 20)),
    /compressed: there is more than the 16 MiB that are decoded/,
  ],
];
for (const [title, coding, bytes, fault] of faults)
  test(`compressed ${title}`, async () => {
    const sent = { headers: [type("grpc"), ...coding], bytes: frame(bytes, 1) };
    const { messages } = await call(sent, { headers: [] });
    assert.match(messages[0]?.fault ?? "", fault);
    assert.ok(messages[0]?.bytes !== undefined);
  });

test("gRPC-Web: its trailers are the status, as bytes and as text", async () => {
  const trailers = frame("grpc-status: 5\r\ngrpc-message: no%20tea\r\nserver-id: 7\r\n", 0x80);
  const bytes = Buffer.concat([frame(order), trailers]);
  const expected = ['server message 5 1: "a"', "server status 5 NOT_FOUND no tea\nserver-id: 7"];
  const told = await call({ headers: [] }, { headers: [type("grpc-web+proto")], bytes });
  assert.deepEqual(lines(told), expected);
  const text = Buffer.from(frame(order).toString("base64") + trailers.toString("base64"));
  const arrivals: Body["arrivals"] = [
    [0, 2],
    [12, 7],
  ];
  const asText = await call(
    { headers: [] },
    { headers: [type("grpc-web-text")], bytes: text, body: { arrivals } },
  );
  assert.deepEqual(lines(asText), [expected[0]!.replace("5", "2"), expected[1]!.replace(" 5 ", " 7 ")]);
});

test("Connect: its end is JSON; a message may be alone, with a content coding", async () => {
  const end = frame('{"error":{"code":"not_found"}}', 2);
  const stream = { headers: [type("connect+json")], bytes: Buffer.concat([frame('{"a":1}'), end]) };
  assert.deepEqual(lines(await call({ headers: [] }, stream)), [
    'server message 5 {\n  "a": 1\n}',
    'server status 5 not_found {\n  "error": {\n    "code": "not_found"\n  }\n}',
  ]);
  const unary = {
    headers: [type("proto"), ["content-encoding", "gzip"] as Header],
    bytes: zlib.gzipSync(order),
  };
  assert.deepEqual(lines(await call(unary, { headers: [type("proto")] })), ['client message 1 1: "a"']);
});

const descriptors = noDescriptors();
descriptors.methods.set("shop.Shop/Buy", { request: "shop.Order", response: "shop.Unknown" });
const name = { name: "itemName", type: "string", typeName: "", isRepeated: false };
descriptors.messages.set("shop.Order", { fields: new Map([[1, name]]), isMapEntry: false });

test("by descriptors: which type, by whom, and what doesn't fit", async () => {
  const bytes = Buffer.concat([frame(order), frame(Buffer.from("0801", "hex"))]);
  const details = Buffer.from("08051204676f6e651a0d0a0873686f702e4f7264120161", "hex").toString("base64");
  const trailers: Header[] = [
    ["grpc-status", "5"],
    ["grpc-message", "gone"],
    ["grpc-status-details-bin", details],
  ];
  const told = await call(
    grpc(bytes),
    { ...grpc(frame(order)), trailers },
    { descriptors, by: "shop.proto" },
  );
  assert.deepEqual(lines(told), [
    'client message 1 shop.Order {\n  "itemName": "a"\n}',
    "client message 1 1: 1 no shop.Order: field 1 (itemName) is no string; its fields by number",
    'server message 5 shop.Unknown {\n  "1": "a"\n}',
    "server status 9 NOT_FOUND gone\na detail that can't be read: its bytes are no message",
    "read by shop.proto",
  ]);
  assert.equal(told.isUndescribed, false);
});

test("what isn't there is said: a gap, an end in between, too many, other bytes", async () => {
  const bytes = Buffer.concat([frame(order), frame(order), frame(order)]);
  const gap = (start: number): Missing[] => [{ start, end: start + 1, reason: "shed" }];
  const some = await call({ ...grpc(bytes), missing: gap(13) }, { ...grpc(bytes), missing: gap(9) });
  assert.deepEqual(lines(some), [
    'client message 1 1: "a"',
    "client message 1 cut",
    'client message 1 1: "a"',
    'server message 5 1: "a"',
    "response: read up to byte 8: where the next message ends is missing",
  ]);
  const limits = { messages: 2, text: 2, bytes: 1 };
  const few = await call(grpc(bytes), grpc(Buffer.from("777777777777")), undefined, limits);
  assert.deepEqual(lines(few), [
    "client message 1 1:",
    "client message 1 1:",
    "request: 1 earlier messages",
    "response: from byte 0 on there are no messages",
  ]);
  assert.equal(few.messages[0]?.cut, 4);
  const cut = await call(grpc(bytes.subarray(0, 7)), {
    headers: [type("grpc-web-text")],
    bytes: Buffer.from("<html>"),
  });
  assert.deepEqual(lines(cut), ["client message 1 cut", "response: from byte 0 on it is no base64"]);
});

test("more values than anybody looks at cost no more: the message is bytes", async () => {
  const many = Buffer.alloc(300_000, Buffer.from("0801", "hex"));
  const packed = Buffer.concat([Buffer.from("12e0a712", "hex"), Buffer.alloc(300_000, 1)]);
  const count = { name: "count", type: "int32", typeName: "", isRepeated: true };
  const counted = noDescriptors();
  counted.methods.set("shop.Shop/Buy", { request: "shop.Counts", response: "shop.Counts" });
  counted.messages.set("shop.Counts", { fields: new Map([[2, count]]), isMapEntry: false });
  const description = { descriptors: counted, by: "" };
  const bytes = Buffer.concat([frame(many), frame(packed), frame(order)]);
  const { messages } = await call(grpc(bytes), { headers: [] }, description);
  assert.deepEqual(
    messages.map(({ fault, name }) => fault ?? name),
    ["more than 100,000 values: shown as bytes", "more than 100,000 values: shown as bytes", "shop.Counts"],
  );
});
