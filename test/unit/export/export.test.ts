import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body, Exchange } from "../../../protocol/exchange.ts";
import { harEntry, harFooter, harHeader } from "../../../helper/export/har.ts";
import { formatJsonl } from "../../../helper/export/jsonl.ts";
import { formatText } from "../../../helper/export/text.ts";

const bodyOf = (size: number, fields: Partial<Body> = {}): Body => ({
  size,
  end: "complete",
  ranges: size > 0 ? [{ start: 0, end: size, source: "write" }] : [],
  missing: [],
  ...fields,
});

const exchange: Exchange = {
  id: 3,
  pid: 42,
  process: "server",
  role: "server",
  local: "127.0.0.1:8080",
  remote: "127.0.0.1:50000",
  state: "complete",
  start: new Date(2026, 0, 2, 3, 4, 5, 67).getTime() + 0.25,
  duration: 12.34,
  request: {
    method: "POST",
    target: "/a?b=c%20d&e&f=1+2&b=%ff",
    version: "HTTP/1.1",
    headers: [
      ["Host", "example.test:8080"],
      ["content-type", "text/plain"],
    ],
    body: bodyOf(3),
  },
  response: {
    status: 200,
    statusText: "OK",
    version: "HTTP/1.1",
    headers: [
      ["Content-Type", "application/octet-stream"],
      ["X", "1"],
      ["X", "2"],
    ],
    body: bodyOf(4, { sha256: "ab" }),
  },
};

const bodies = { request: Buffer.from("h\u00e9"), response: Buffer.from([0xff, 0, 1, 2]) };
const { response: _, ...unanswered } = { ...exchange, state: "lost" as const };

test("a line for the terminal", () => {
  assert.equal(formatText(exchange), "03:04:05.067 server 42 POST /a?b=c%20d&e&f=1+2&b=%ff 200 4 B 12.3 ms");
  assert.match(
    formatText(unanswered),
    / POST \S+ - - 12\.3 ms incomplete: lost: bytes were lost, and its end can.t be told$/,
  );
  const missing = [
    { start: 0, end: 1, reason: "shed" as const },
    { start: 2, end: 3, reason: "shed" as const },
    { start: 3, end: 4, reason: "body-limit" as const },
  ];
  const holed = { ...exchange, response: { ...exchange.response!, body: bodyOf(4, { missing }) } };
  assert.match(
    formatText(holed),
    / incomplete: shed under load[^;]*; beyond the limit of bytes kept per body$/,
  );
});

test("captured text can't drive the terminal", () => {
  const target = "/\x1b[2J\x07\x9b1m\r\n\x7f\u202eend";
  const line = formatText({ ...exchange, request: { ...exchange.request!, target } });
  assert.match(line, /^[\x20-\x7e]*$/);
  assert.ok(line.includes("/\\x1b[2J\\x07\\x9b1m\\x0d\\x0a\\x7f\\u202eend"));
});

test("JSON Lines: one line, the fields as promised, no body bytes", () => {
  const line = formatJsonl(exchange);
  assert.ok(!line.includes("\n"));
  assert.deepEqual(JSON.parse(line), {
    pid: 42,
    role: "server",
    start: exchange.start,
    duration: 12.34,
    request: {
      method: "POST",
      target: "/a?b=c%20d&e&f=1+2&b=%ff",
      headers: [
        ["Host", "example.test:8080"],
        ["content-type", "text/plain"],
      ],
      body: { size: 3, missing: [] },
    },
    response: {
      status: 200,
      headers: [
        ["Content-Type", "application/octet-stream"],
        ["X", "1"],
        ["X", "2"],
      ],
      body: { size: 4, sha256: "ab", missing: [] },
    },
  });
  assert.equal((JSON.parse(formatJsonl(unanswered)) as { response: unknown }).response, null);
});

test("HAR 1.2: header, entries and footer make one document", () => {
  const entries = [harEntry(exchange, bodies), harEntry(unanswered, bodies)];
  const har = JSON.parse(harHeader() + entries.join(",\n") + harFooter()) as { log: Record<string, unknown> };
  assert.equal(har.log["version"], "1.2");
  assert.deepEqual(Object.keys(har.log["creator"] as object), ["name", "version"]);
  assert.equal((har.log["entries"] as unknown[]).length, 2);
  assert.deepEqual(JSON.parse(harHeader() + harFooter()), { log: { ...har.log, entries: [] } });
});

test("HAR: an entry", () => {
  const entry = JSON.parse(harEntry(exchange, bodies)) as Record<string, unknown>;
  const ranges = (end: number) => [{ start: 0, end, source: "write" }];
  assert.deepEqual(entry, {
    startedDateTime: new Date(exchange.start).toISOString(),
    time: 12.34,
    request: {
      method: "POST",
      url: "http://example.test:8080/a?b=c%20d&e&f=1+2&b=%ff",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: [
        { name: "Host", value: "example.test:8080" },
        { name: "content-type", value: "text/plain" },
      ],
      queryString: [
        { name: "b", value: "c d" },
        { name: "e", value: "" },
        { name: "f", value: "1 2" },
        { name: "b", value: "%ff" },
      ],
      headersSize: -1,
      bodySize: 3,
      postData: {
        mimeType: "text/plain",
        params: [],
        text: "h\u00e9",
        _tinytap: { ranges: ranges(3), missing: [] },
      },
    },
    response: {
      status: 200,
      statusText: "OK",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: [
        { name: "Content-Type", value: "application/octet-stream" },
        { name: "X", value: "1" },
        { name: "X", value: "2" },
      ],
      content: {
        size: 4,
        mimeType: "application/octet-stream",
        text: "/wABAg==",
        encoding: "base64",
        _tinytap: { ranges: ranges(4), missing: [] },
      },
      redirectURL: "",
      headersSize: -1,
      bodySize: 4,
    },
    cache: {},
    timings: {
      blocked: -1,
      dns: -1,
      connect: -1,
      ssl: -1,
      send: 0,
      wait: 12.34,
      receive: 0,
      comment: "Sending and receiving are not told from waiting",
    },
    connection: "127.0.0.1:8080 127.0.0.1:50000",
    _tinytap: {
      pid: 42,
      process: "server",
      role: "server",
      state: "complete",
      ranges: ranges(4),
      missing: [],
    },
  });
});

test("HAR: a body of which nothing is held has its size and reason, and no text", () => {
  const missing = [{ start: 0, end: 1000, reason: "no-source" as const }];
  const lost = {
    ...exchange,
    response: { ...exchange.response!, body: bodyOf(1000, { ranges: [], missing }) },
  };
  const { response } = JSON.parse(harEntry(lost, { ...bodies, response: new Uint8Array(0) })) as {
    response: { content: Record<string, unknown> };
  };
  assert.deepEqual(response.content, {
    size: 1000,
    mimeType: "application/octet-stream",
    _tinytap: { ranges: [], missing },
  });
});

test("HAR: URLs of absolute targets, of CONNECT, and without Host", () => {
  const url = (method: string, target: string, role: "server" | "client" = "server") => {
    const request = { ...exchange.request!, method, target, headers: [] };
    return (JSON.parse(harEntry({ ...exchange, role, request }, bodies)) as { request: { url: string } })
      .request.url;
  };
  assert.equal(url("GET", "http://other/x"), "http://other/x");
  assert.equal(url("CONNECT", "other:443"), "http://other:443/");
  assert.equal(url("GET", "/x"), "http://127.0.0.1:8080/x");
  assert.equal(url("GET", "/x", "client"), "http://127.0.0.1:50000/x");
  assert.equal(url("OPTIONS", "*"), "http://127.0.0.1:8080/*");
});
