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
import { run, Script } from "../http/script.ts";
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
