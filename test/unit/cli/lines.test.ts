import assert from "node:assert/strict";
import { test } from "node:test";
import type { Missing } from "../../../protocol/exchange.ts";
import { formatJsonl } from "../../../cli/jsonl-format.ts";
import { formatText } from "../../../cli/text-format.ts";
import { bodyOf, exchange, unanswered } from "../recording/exchange.ts";

test("a line for the terminal", () => {
  assert.equal(formatText(exchange), "03:04:05.067 server 42 POST /a?b=c%20d&e&f=1+2&b=%ff 200 4 B 12.5 ms");
  assert.match(
    formatText(unanswered),
    / POST \S+ - - 12\.5 ms incomplete: lost: bytes were lost, and its end can.t be told$/,
  );
  const missing: Missing[] = [
    { start: 0, end: 1, reason: "shed" },
    { start: 2, end: 3, reason: "shed" },
    { start: 3, end: 4, reason: "body-limit" },
  ];
  const holed = { ...exchange, response: { ...exchange.response!, body: bodyOf(4, { missing }) } };
  assert.match(
    formatText(holed),
    / incomplete: shed under load[^;]*; beyond the limit of bytes kept per body$/,
  );
  const cut = { ...exchange, request: { ...exchange.request!, body: bodyOf(3, { end: "closed" }) } };
  assert.match(formatText(cut), / 12\.5 ms incomplete: closed: the connection ended first$/);
  const long = { ...exchange, request: { ...exchange.request!, headCut: "limit" as const } };
  assert.match(
    formatText(long),
    / incomplete: the request's head is longer than the 256 KiB that are kept of one$/,
  );
});

test("captured text can't drive the terminal", () => {
  const target = "/\x1b[2J\x07\x9b1m\r\n\x7f\u202eend";
  const line = formatText({ ...exchange, request: { ...exchange.request!, target } });
  assert.match(line, /^[\x20-\x7e]*$/);
  assert.ok(line.includes("/\\u001b[2J\\u0007\\u009b1m\\u000d\\u000a\\u007f\\u202eend"));
});

test("JSON Lines: one line, the fields as promised, no body bytes", () => {
  const line = formatJsonl(exchange);
  assert.ok(!line.includes("\n"));
  assert.deepEqual(JSON.parse(line), {
    id: 3,
    otherEnd: null,
    pid: 42,
    role: "server",
    local: exchange.local,
    remote: exchange.remote,
    start: exchange.start,
    duration: 12.5,
    end: "complete",
    version: "HTTP/1.1",
    stream: null,
    error: null,
    stalled: {},
    interim: [],
    request: {
      method: "POST",
      target: "/a?b=c%20d&e&f=1+2&b=%ff",
      headers: [
        ["Host", "example.test:8080"],
        ["content-type", "text/plain"],
      ],
      headCut: null,
      trailers: [],
      body: { size: 3, end: "complete", missing: [] },
    },
    response: {
      status: 200,
      headers: [
        ["Content-Type", "application/octet-stream"],
        ["X", "1"],
        ["X", "2"],
      ],
      headCut: null,
      trailers: [],
      body: { size: 4, end: "complete", sha256: "ab", missing: [] },
    },
  });
  const second = { ...exchange, stream: 3, error: "CANCEL", otherEnd: 2 };
  const { stream, error, otherEnd } = JSON.parse(formatJsonl(second)) as Record<string, unknown>;
  assert.deepEqual([stream, error, otherEnd], [3, "CANCEL", 2]);
  const { end, response } = JSON.parse(formatJsonl(unanswered)) as { end: unknown; response: unknown };
  assert.deepEqual([end, response], ["lost", null]);
});
