import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Content, Entry, Har, Param } from "har-format";
import { root } from "../../../scripts/paths.mjs";
import { readBodies, type ReadBody } from "../../../recording/bodies.ts";
import type { BodyBytes } from "../../../recording/captured-bytes.ts";
import { harEntry, harFooter, harHeader, type Bodies } from "../../../recording/har.ts";
import type { Exchange, Header, Missing, Side } from "../../../protocol/exchange.ts";
import { bodyOf, exchange, unanswered } from "./exchange.ts";

const whole = (bytes: Uint8Array): BodyBytes => ({
  bytes,
  ranges: [{ start: 0, end: bytes.length, source: "write" }],
  missing: [],
});
const bodies = {
  request: whole(Buffer.from("h\u00e9")),
  response: whole(Buffer.from([0xff, 0, 1, 2])),
};

function entryOf(of: Exchange, read: Bodies = bodies): Entry {
  return JSON.parse([...harEntry(of, read)].join("")) as Entry;
}

/** Of a body of the exchange. */
function withBody(side: Side, bytes: Uint8Array, headers?: Header[]): Entry {
  const message = { ...exchange[side]!, body: bodyOf(bytes.length) };
  if (headers !== undefined) message.headers = headers;
  return entryOf({ ...exchange, [side]: message }, { ...bodies, [side]: whole(bytes) });
}

test("HAR 1.2: header, entries and footer make one document, which says whether it is cut", () => {
  const entries = [exchange, unanswered].map((each) => [...harEntry(each, bodies)].join(""));
  const har = JSON.parse(harHeader() + entries.join(",\n") + harFooter(true)) as Har;
  assert.equal(har.log.version, "1.2");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  assert.deepEqual(har.log.creator, { name: "Tinytap", version, _tinytap: { version: 2 } });
  assert.equal(har.log.entries.length, 2);
  assert.deepEqual(JSON.parse(harHeader() + harFooter(false)), {
    log: { ...har.log, entries: [], _tinytap: { end: "cut" } },
  });
});

test("HAR: an entry", () => {
  const ranges = (end: number) => [{ start: 0, end, source: "write" }];
  assert.deepEqual(entryOf(exchange), {
    startedDateTime: new Date(exchange.start).toISOString(),
    time: 12.5,
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
        text: "h\u00e9",
        _tinytap: { end: "complete", ranges: ranges(3), missing: [] },
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
        _tinytap: { end: "complete", ranges: ranges(4), missing: [] },
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
      send: 0.5,
      wait: 9.5,
      receive: 2.5,
    },
    serverIPAddress: "127.0.0.1",
    connection: "127.0.0.1:8080 127.0.0.1:50000",
    _tinytap: {
      id: 3,
      pid: 42,
      process: "server",
      role: "server",
      end: "complete",
      start: exchange.start,
      duration: 12.5,
      requestEnd: 0.5,
      responseStart: 10,
      local: "127.0.0.1:8080",
      remote: "127.0.0.1:50000",
      target: "/a?b=c%20d&e&f=1+2&b=%ff",
    },
  });
});

test("HAR: what was given up since has its size and the reason of now, and no text", () => {
  const missing: Missing[] = [{ start: 0, end: 4, reason: "evicted" }];
  const gone: BodyBytes = { bytes: new Uint8Array(0), ranges: [], missing };
  const { request, response } = entryOf(exchange, { request: gone, response: gone });
  const facts = { end: "complete", ranges: [], missing };
  assert.deepEqual(request.postData, { mimeType: "text/plain", params: [], _tinytap: facts });
  assert.deepEqual(response.content, { size: 4, mimeType: "application/octet-stream", _tinytap: facts });
});

test("HAR: how it ended, where it was before its end", () => {
  assert.equal((entryOf(unanswered)["_tinytap"] as { end: string }).end, "lost");
  assert.deepEqual(entryOf(unanswered).response, {
    status: 0,
    statusText: "",
    httpVersion: "",
    cookies: [],
    headers: [],
    content: { size: 0, mimeType: "x-unknown" },
    redirectURL: "",
    headersSize: -1,
    bodySize: -1,
  });
  const cut = { ...exchange.request!, body: bodyOf(0, { end: "closed" }) };
  const { postData } = entryOf({ ...exchange, request: cut }, {}).request;
  assert.deepEqual(postData, {
    mimeType: "text/plain",
    text: "",
    _tinytap: { end: "closed", ranges: [], missing: [] },
  });
});

test("HAR: a head that isn't whole says so, in words too", () => {
  const { comment, _tinytap: facts } = entryOf({
    ...exchange,
    request: { ...exchange.request!, headCut: "limit" },
    response: { ...exchange.response!, headCut: "unfinished" },
  });
  assert.equal(
    comment,
    "The request's head is longer than the 256 KiB that are kept of one; the response's head never came to its end.",
  );
  assert.deepEqual((facts as { headCut: unknown }).headCut, { request: "limit", response: "unfinished" });
  assert.ok(!("comment" in entryOf(exchange)));
});

test("HAR: URLs of absolute targets, of CONNECT, of bytes that no URL has, and without Host", () => {
  const url = (method: string, target: string, fields: Partial<Exchange> = {}, headers: Header[] = []) =>
    entryOf({ ...exchange, ...fields, request: { ...exchange.request!, method, target, headers } }).request
      .url;
  assert.equal(url("GET", "http://other/x"), "http://other/x");
  assert.equal(url("CONNECT", "other:443"), "http://other:443/");
  assert.equal(url("GET", "/x"), "http://127.0.0.1:8080/x");
  assert.equal(url("GET", "/x", { role: "client" }), "http://127.0.0.1:50000/x");
  assert.equal(url("OPTIONS", "*"), "http://127.0.0.1:8080/*");
  assert.equal(url("GET", "/\xc3\xa9 \x9b%zz"), "http://127.0.0.1:8080/%C3%A9%20%9B%zz");
  assert.equal(url("GET", "/x", { local: "[::1]:443" }), "https://[::1]:443/x");
  assert.equal(url("GET", "/x", { local: "unix" }), "http://localhost/x");
  assert.equal(url("GET", "/x", {}, [["hoSt", "h:1"]]), "http://h:1/x");
});

test("HAR: times of what wasn't seen, or came in another order, count as waiting", () => {
  const timings = (fields: Partial<Exchange>) => {
    const { send, wait, receive } = entryOf({ ...exchange, ...fields }).timings;
    return [send, wait, receive];
  };
  const { requestEnd: _, ...unsent } = exchange;
  assert.deepEqual(entryOf(unsent).timings.send, 0);
  assert.deepEqual(timings({ requestEnd: 11 }), [10, 0, 2.5]);
  const { responseStart: __, ...waiting } = unanswered;
  assert.deepEqual(entryOf(waiting).timings.wait, 12);
});

test("HAR: cookies", () => {
  const { request, response } = entryOf({
    ...exchange,
    request: {
      ...exchange.request!,
      headers: [
        ["Cookie", "a=1; b==2=;c=; nothing"],
        ["cookie", "d=4"],
      ],
    },
    response: {
      ...exchange.response!,
      headers: [
        [
          "Set-Cookie",
          "s=a=b; Path=/x; Domain=e.test; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; secure",
        ],
        ["set-cookie", "t=; expires=never; SameSite=Lax"],
        ["set-cookie", "nothing"],
      ],
    },
  });
  assert.deepEqual(request.cookies, [
    { name: "a", value: "1" },
    { name: "b", value: "=2=" },
    { name: "c", value: "" },
    { name: "d", value: "4" },
  ]);
  assert.deepEqual(response.cookies, [
    {
      name: "s",
      value: "a=b",
      path: "/x",
      domain: "e.test",
      expires: "2026-10-21T07:28:00.000Z",
      httpOnly: true,
      secure: true,
    },
    { name: "t", value: "" },
  ]);
});

test("HAR: a form has parameters, and its bytes beside them", () => {
  const headers: Header[] = [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]];
  const form = "a=1+2&b=%C3%A9&a";
  const { postData } = withBody("request", Buffer.from(form), headers).request;
  const params: Param[] = [
    { name: "a", value: "1 2" },
    { name: "b", value: "\u00e9" },
    { name: "a", value: "" },
  ];
  assert.deepEqual(postData?.params, params);
  assert.equal(postData?.text, undefined);
  assert.equal((postData as { _text?: string })._text, form);
});

/** Of a response's body, read as an export reads it. */
async function contentOf(encoded: Uint8Array, headers: Header[], missing: Missing[] = []) {
  const ranges = [{ start: 0, end: missing[0]?.start ?? encoded.length, source: "write" as const }];
  const body = bodyOf(encoded.length, { ranges, missing });
  const of = { ...exchange, response: { ...exchange.response!, headers, body } };
  const { response } = await readBodies(readerOf(encoded), of);
  const { content, bodySize } = entryOf(of, { ...bodies, ...(response && { response }) }).response;
  return { content: content as Content & { _text?: string; _encoding?: string }, bodySize };
}

const readerOf =
  (bytes: Uint8Array): ReadBody =>
  async ({ start, end }) => ({
    base64: Buffer.from(bytes.subarray(start, end)).toString("base64"),
    ...{ end, ranges: [{ start, end, source: "write" as const }], missing: [] },
  });

test("HAR: an encoded body's text is decoded, with both sizes, and what was captured beside it", async () => {
  const text = JSON.stringify({ word: "h\u00e9".repeat(50) });
  const encoded = brotliCompressSync(gzipSync(text));
  const { content, bodySize } = await contentOf(encoded, [
    ["Content-Type", "application/json"],
    ["Content-Encoding", "gzip, br"],
  ]);
  assert.equal(content.text, text);
  assert.equal(content.encoding, undefined);
  assert.equal(content.size, Buffer.byteLength(text));
  assert.equal(bodySize, encoded.length);
  assert.equal(content.compression, content.size - bodySize);
  assert.equal(Buffer.from(content._text ?? "", "base64").compare(encoded), 0);
  const picture = Buffer.from([0xff, 0, 1]);
  const binary = (await contentOf(gzipSync(picture), [["Content-Encoding", "gzip"]])).content;
  assert.deepEqual([binary.text, binary.encoding, binary.size], [picture.toString("base64"), "base64", 3]);
});

test("HAR: an encoded body that is cut is decoded as far as it goes; what can't be decoded stays; either says why", async () => {
  const encoded = gzipSync("line one, line two, and no more", { level: 0 });
  const missing: Missing[] = [{ start: encoded.length - 16, end: encoded.length, reason: "shed" }];
  const { content } = await contentOf(encoded, [["Content-Encoding", "gzip"]], missing);
  assert.equal(content.text, "line one, line two, and");
  assert.equal(content.size, 23);
  assert.equal(content.compression, undefined);
  assert.match(content.comment ?? "", /^Decoded as far as it goes: the encoded bytes end/);
  for (const coding of ["compress", "gzip"]) {
    const { content } = await contentOf(Buffer.from("as sent"), [["Content-Encoding", coding]]);
    assert.deepEqual([content.text, content.size, content._text], ["as sent", 7, undefined]);
    assert.match(content.comment ?? "", /^Not decoded: /);
  }
});

test("HAR: a text of another charset is in UTF-8, and what was captured beside it", async () => {
  const captured = Buffer.from("caf\xe9", "latin1");
  const { content } = await contentOf(captured, [["Content-Type", "text/plain; charset=ISO-8859-1"]]);
  assert.deepEqual(
    [content.text, content.size, content._text],
    ["caf\u00e9", 4, captured.toString("base64")],
  );
  assert.equal(content._encoding, "base64");
});

test("HAR: a form with files has parameters, with the files' names, and its bytes beside them", () => {
  const form = [
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
    '--x\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\ntext\r\n',
  ].join("");
  const headers: Header[] = [["Content-Type", "multipart/form-data; boundary=x"]];
  const { postData } = withBody("request", Buffer.from(`${form}--x--\r\n`), headers).request;
  const params: Param[] = [
    { name: "a", value: "1" },
    { name: "f", fileName: "f.txt", contentType: "text/plain" },
  ];
  assert.deepEqual(postData?.params, params);
  assert.equal((postData as { _text?: string })._text, `${form}--x--\r\n`);
  // Cut, it is what was captured, and no more.
  assert.equal(withBody("request", Buffer.from(form), headers).request.postData?.text, form);
});

test("HAR: a request's body that is no text", () => {
  const { postData } = withBody("request", Buffer.from([0xff, 0])).request;
  assert.equal(postData?.text, "/wA=");
  assert.equal((postData as { _encoding?: string })._encoding, "base64");
});

test("HAR: long bodies come in pieces that make the same bytes", () => {
  const piece = 3 * 256 * 1024;
  for (const pad of [0, 1, 2, 3]) {
    const text = "x".repeat(piece - pad) + '\u20ac\ud83d\ude00"\\\n\u0000'.repeat(1000);
    assert.equal(withBody("response", Buffer.from(text)).response.content.text, text);
    const binary = Buffer.concat([Buffer.alloc(piece - pad), Buffer.from([0xff, 0xfe, 1, 2, 3])]);
    const { content } = withBody("response", binary).response;
    assert.equal(content.encoding, "base64");
    assert.ok(Buffer.from(content.text ?? "", "base64").equals(binary));
  }
});
