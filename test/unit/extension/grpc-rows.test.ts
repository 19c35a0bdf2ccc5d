/** A call by gRPC that failed is a row that failed, though its HTTP status is 200: from the wire, and from a recording. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExchangeRow } from "../../../extension/model/exchange-row.ts";
import { parseFilter } from "../../../extension/model/filter/filter.ts";
import { rowText, tooltipText } from "../../../extension/model/text.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { grpcCodeOf } from "../../../protocol/grpc.ts";
import { sentenceText } from "../../../protocol/row-text.ts";
import { isError, looked, lookOf } from "../../../protocol/states.ts";
import { summaryOf } from "../../../recording/summary.ts";
import { Capture, run, Script } from "../http/script.ts";
import { begun, endHeaders, endStream, field, request, response } from "../http2/conversation.ts";
import { frame } from "../http2/frames.ts";
import { summary } from "./summaries.ts";

const path = "/shop.Stock/Reserve";
const grpc = ["content-type", "application/grpc+proto"] as const;

test("of a call the code is in the row as soon as the trailers are, and in a recording's row too", () => {
  const script = begun()
    .read(request(1, path, endStream))
    .write(response(1, 0, [...grpc]));
  const open = run(script.events);
  assert.equal(open.traffic.summary(1)?.grpcStatus, undefined);
  script.write(frame("headers", endHeaders | endStream, 1, field("grpc-status", "5")));
  const { traffic, exchanges } = run(script.events);
  assert.equal(traffic.summary(1)?.grpcStatus, 5);
  assert.equal(summaryOf(exchanges[0]!).grpcStatus, 5);
  assert.deepEqual(lookOf(looked(exchanges[0]!)), lookOf(traffic.summary(1)!));
});

test("a status is read of the head where that is all, and only of gRPC", () => {
  const code = (...headers: [string, string][]) => grpcCodeOf({ headers });
  assert.equal(code(["Content-Type", "application/grpc"], ["Grpc-Status", "12"]), 12);
  assert.equal(code(["content-type", "application/grpc-web+proto"], ["grpc-status", "0"]), 0);
  assert.equal(code(["content-type", "application/json"], ["grpc-status", "12"]), undefined);
  assert.equal(code(["content-type", "application/grpc"], ["grpc-status", "no"]), undefined);
  const script = new Script().read(`POST ${path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
  script.write("HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n");
  script.write("0\r\ngrpc-status: 14\r\n\r\n");
  assert.equal(run(script.events).traffic.summary(1)?.grpcStatus, 14);
});

const web = (type: string, body: string): Script =>
  new Script()
    .read(`POST ${path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`)
    .write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`)
    .write(Buffer.from(body, "latin1"));

/** A frame of gRPC-Web, latin1. */
function webFrame(text: string, flags = 0): string {
  const head = Buffer.alloc(5, flags);
  head.writeUInt32BE(text.length, 1);
  return head.toString("latin1") + text;
}

const refused = webFrame("grpc-status:5\r\ngrpc-message:no%20tea\r\n", 0x80);
const good = webFrame("Grpc-Message: \r\nGrpc-Status: 0\r\n", 0x80);
/** What connect-go wrote: a stream of one message that fails. */
const failedStream = "AAAAAAUKA3RlYYAAAAAoZ3JwYy1tZXNzYWdlOiBubyBtb3JlDQpncnBjLXN0YXR1czogMTQNCg==";
const order = webFrame("\x0a\x80\0\0\0\x01a");

test("of gRPC-Web the code is the body's last frame, as bytes or as base64, of whatever pieces that was made", () => {
  const code = (body: string, type = "application/grpc-web+proto") =>
    run(web(type, body).events).traffic.summary(1)?.grpcStatus;
  const base64 = (...pieces: string[]) =>
    pieces.map((piece) => Buffer.from(piece, "latin1").toString("base64")).join("");
  assert.equal(code(refused), 5);
  assert.equal(code(order + refused), 5);
  assert.equal(code(order + good), 0);
  assert.equal(code(Buffer.from(failedStream, "base64").toString("latin1")), 14);
  assert.equal(code(failedStream, "application/grpc-web-text"), 14);
  assert.equal(code(webFrame("\x80".repeat(50_001)) + refused), 5);
  for (const type of ["application/grpc-web-text", "Application/gRPC-Web-Text+proto; charset=x"]) {
    for (const size of [0, 1, 2, 3, 16_384]) {
      const message = webFrame("m".repeat(size));
      assert.equal(code(base64(message, refused), type), 5, `${size}, padded`);
      assert.equal(code(base64(message + refused), type), 5, `${size}, whole`);
    }
  }
});

test("of gRPC-Web no code is told by what isn't its last frame, isn't whole, or isn't gRPC-Web", () => {
  const code = ({ events }: Script) => run(events).traffic.summary(1)?.grpcStatus;
  const type = "application/grpc-web";
  assert.equal(code(web(type, refused + order)), undefined);
  assert.equal(code(web(type, order)), undefined);
  assert.equal(code(web(type, webFrame("grpc-status:5\r\n"))), undefined, "a message that says so");
  assert.equal(code(web(type, webFrame("x-grpc-status:5\r\n", 0x80))), undefined);
  assert.equal(code(web(type, "")), undefined);
  assert.equal(code(web(type, "\x80\0\0")), undefined);
  assert.equal(code(web("application/grpc-webby", refused)), undefined);
  assert.equal(code(web("application/octet-stream", refused)), undefined);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${refused.length + 1}\r\n\r\n`;
  const cut = new Script()
    .read("POST / HTTP/1.1\r\n\r\n")
    .write(head + refused)
    .close();
  assert.equal(code(cut), undefined, "there was more to come");
});

test("the code of gRPC-Web stays when the body that told it is given up", () => {
  const capture = new Capture({ memory: 16 });
  const script = web("application/grpc-web", webFrame("m".repeat(500_000)) + refused);
  const feed = () => {
    for (const event of script.events.splice(0)) {
      capture.push(event);
      capture.endBatch();
    }
  };
  feed();
  assert.equal(capture.traffic.summary(1)?.grpcStatus, 5);
  for (let i = 0; i < 40; i++) {
    script.read("GET / HTTP/1.1\r\n\r\n");
    script.write(`HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n`);
    script.write("x".repeat(500_000));
    feed();
  }
  const { missing = 0, grpcStatus } = capture.traffic.summary(1) ?? {};
  assert.deepEqual([missing > 0, grpcStatus], [true, 5]);
});

const called = (grpcStatus: number, fields: Partial<ExchangeSummary> = {}): ExchangeRow =>
  new ExchangeRow(
    1,
    summary(1, { ...{ method: "POST", target: path, status: 200, duration: 3.1, grpcStatus }, ...fields }),
  );

test("it looks failed, says so in words wherever it is told, and is found as an error and by its name", () => {
  const [good, missing, broken] = [called(0), called(5), called(14)];
  assert.deepEqual(
    [good, missing, broken, called(99)].map((row) => [lookOf(row).icon, lookOf(row).word, isError(row)]),
    [
      ["circle-small-filled", "", false],
      ["warning", "NOT_FOUND", true],
      ["error", "UNAVAILABLE", true],
      ["error", "status 99", true],
    ],
  );
  const short = rowText(called(5, { target: "/S/Get" }), 0);
  assert.deepEqual(short, { label: "200 POST /S/Get", description: "NOT_FOUND · 3.1 ms" });
  assert.match(
    rowText(called(5, { target: "/shop.Stock/ReserveAllThatIsLeft" }), 0).description,
    /^NOT_FOUND$/,
  );
  assert.match(sentenceText(missing, 0), /^200 · NOT_FOUND, POST \/shop\.Stock\/Reserve, 3\.1 ms, 0 B, /);
  assert.match(sentenceText(called(5, { missing: 9 }), 0), /^200 · NOT_FOUND, .*, NOT_FOUND, 9 B lost, /);
  assert.match(tooltipText(missing), /\nStatus: 200 · NOT_FOUND\n/);
  for (const text of ["is:error", "not_found", "/NOT_F.*/"])
    assert.deepEqual(
      [missing, good].map((row) => parseFilter(text).passes(row, () => undefined)),
      [true, false],
      text,
    );
});
