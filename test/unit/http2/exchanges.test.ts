import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../../../protocol/exchange.ts";
import { preface } from "../../../helper/http2/preface.ts";
import { Capture, drop, run, Script, type Seen } from "../http/script.ts";
import { ack, begun, data, endHeaders, endStream, request, response, settings } from "./conversation.ts";
import { frame, padded } from "./frames.ts";

function only(seen: Seen): Exchange {
  assert.equal(seen.exchanges.length, 1);
  return seen.exchanges[0]!;
}

test("a request and its response: heads from the pseudo headers, bodies without padding, times, and the stream's number", () => {
  const script = begun();
  script.read(request(1, "/form?x=1", 0, ["x-a", ""])).read(padded(1, "hello", 3, endStream));
  script
    .write(response(1, 0, ["content-type", "text/plain"]))
    .write(data(1, "wor"))
    .write(data(1, "ld", endStream));
  const seen = run(script.close().events);
  const { request: asked, response: answered, ...exchange } = only(seen);
  assert.deepEqual(
    { ...asked, body: undefined },
    {
      ...{ method: "GET", target: "/form?x=1", version: "HTTP/2", body: undefined },
      headers: [
        ["host", "example.test"],
        ["x-a", ""],
      ],
    },
  );
  assert.equal(answered?.status, 200);
  assert.equal(answered?.version, "HTTP/2");
  assert.deepEqual(answered?.headers, [["content-type", "text/plain"]]);
  assert.deepEqual([seen.body(0, "request"), seen.body(0, "response")], ["hello", "world"]);
  assert.deepEqual([asked?.body.end, answered?.body.end], ["complete", "complete"]);
  assert.equal(exchange.state, "complete");
  assert.equal(exchange.stream, 1);
  assert.deepEqual([exchange.requestEnd, exchange.responseStart, exchange.duration], [1, 2, 4]);
  assert.equal(seen.traffic.summary(exchange.id)?.host, "example.test");
});

test("a body that is longer than was announced is whole", () => {
  const script = begun().read(request(1, "/"));
  const body = "abcdefg".repeat(10_000);
  script.write(response(1, 0, ["content-length", "5"])).write(data(1, body));
  const seen = run(script.write(data(1, "", endStream)).close().events);
  assert.ok(seen.body(0, "response") === body);
});

test("streams of one connection run side by side, and an open one is in flight", () => {
  const script = begun().read(request(1, "/1")).read(request(3, "/3"));
  script.write(Buffer.concat([response(3), response(1), data(3, "three"), data(1, "one", endStream)]));
  const seen = run(script.events);
  assert.deepEqual(
    seen.exchanges.map(({ state, request }) => [request?.target, state]),
    [
      ["/1", "complete"],
      ["/3", "in-flight"],
    ],
  );
  assert.deepEqual([seen.body(0, "response"), seen.body(1, "response")], ["one", "three"]);
});

test("a gap inside of DATA costs that range of one body: the other streams are whole", () => {
  const script = begun().read(request(1, "/1")).read(request(3, "/3"));
  script.write(Buffer.concat([response(1), response(3)]));
  script.write(Buffer.concat([data(1, "0123456789"), data(3, "three", endStream)]), {
    holes: [[12, 15]],
    reason: "unreadable",
  });
  script.write(data(1, "end", endStream));
  const seen = run(script.close().events);
  assert.deepEqual(seen.exchanges[0]!.response?.body.missing, [{ start: 3, end: 6, reason: "unreadable" }]);
  assert.equal(seen.body(0, "response"), "012\0\0\x006789end");
  assert.deepEqual(
    seen.exchanges.map(({ state }) => state),
    ["complete", "complete"],
  );
  assert.equal(seen.body(1, "response"), "three");
});

test("where frames were lost a body says that it may lack some, its announced length bounds them, and the next stream is whole", () => {
  const script = begun().read(request(1, "/1"));
  script.write(response(1, 0, ["content-length", "20"])).write(data(1, "0123456789"));
  const lost = script.events.length;
  script.write(data(1, "-----")).write(data(1, "abcde", endStream));
  script.read(request(3, "/3")).write(Buffer.concat([response(3), data(3, "three", endStream)]));
  const seen = run(drop(script.close().events, (index) => index === lost));
  const [first, second] = seen.exchanges;
  assert.equal(first?.state, "lost");
  assert.deepEqual(first?.response?.body.missing, [{ start: 10, end: 15, reason: "framing-lost" }]);
  assert.equal(seen.body(0, "response"), "0123456789\0\0\0\0\0abcde");
  assert.equal(second?.state, "complete");
});

test("after a loss a header that is named by its number is unknown, and no other's text is shown for it", () => {
  const insert = (value: string) =>
    Buffer.concat([Buffer.from("\x40\x03x-a"), Buffer.of(value.length), Buffer.from(value)]);
  const asks = (stream: number, ...fields: Uint8Array[]) =>
    frame(
      "headers",
      endHeaders | endStream,
      stream,
      Buffer.concat([Buffer.from([0x82, 0x86, 0x84]), ...fields]),
    );
  const newest = Buffer.of(0xbe);
  const script = begun().read(asks(1, insert("one")));
  const lost = script.events.length;
  script
    .read(asks(3, insert("three")))
    .read(asks(5, newest))
    .read(asks(7, insert("seven")))
    .read(asks(9, newest));
  const { exchanges } = run(drop(script.events, (index) => index === lost));
  assert.deepEqual(
    exchanges.map(({ request }) => request?.headers),
    [[["x-a", "one"]], [["?", "?", "unknown"]], [["x-a", "seven"]], [["x-a", "seven"]]],
  );
});

test("a head beyond the limit, in frames that continue it: its beginning is told, it says so, and what follows is known", () => {
  const literal = (name: string, value: string, first: number) =>
    Buffer.concat([
      Buffer.of(first),
      Buffer.of(name.length),
      Buffer.from(name),
      // A length of more than a byte: the rest beyond 127, seven bits each.
      Buffer.of(
        127,
        ...[0, 7, 14].map((bits) => (((value.length - 127) >> bits) & 127) | (bits < 14 ? 128 : 0)),
      ),
      Buffer.from(value),
    ]);
  const fields = (...more: Buffer[]) => Buffer.concat([Buffer.from([0x82, 0x86, 0x84]), ...more]);
  const inserted = Buffer.from("\x40\x03x-a\x03one");
  for (const [length, known] of [
    [300_000, "one"],
    // Beyond what is decoded, nobody knows what was inserted.
    [1_100_000, "?"],
  ] as const) {
    const block = fields(literal("x-long", "v".repeat(length), 0), inserted);
    const frames: Buffer[] = [];
    for (let at = 0; at < block.length; at += 16_384) {
      const part = block.subarray(at, at + 16_384);
      const isLast = at + 16_384 >= block.length ? endHeaders : 0;
      frames.push(frame(at === 0 ? "headers" : "continuation", isLast | (at === 0 ? endStream : 0), 1, part));
    }
    const script = begun();
    for (const each of frames) script.read(each);
    script.write(Buffer.concat([response(1), data(1, "one", endStream)]));
    script.read(frame("headers", endHeaders | endStream, 3, fields(Buffer.of(0xbe))));
    script.write(Buffer.concat([response(3), data(3, "three", endStream)]));
    const seen = run(script.close().events, { memory: 32 });
    assert.deepEqual(
      seen.exchanges.map(({ state, request }) => [state, request?.target, request?.headCut]),
      [
        ["complete", "/", "limit"],
        ["complete", "/", undefined],
      ],
    );
    const [name, value = ""] = seen.exchanges[0]!.request!.headers[0] ?? [];
    assert.equal(name, length < 1e6 ? "x-long" : undefined);
    assert.ok(length > 1e6 || (value.length > 261_000 && value.length < 262_144), String(value.length));
    assert.equal(seen.exchanges[1]!.request!.headers[0]?.[1], known);
    assert.deepEqual([seen.body(0, "response"), seen.body(1, "response")], ["one", "three"]);
  }
});

test("RST_STREAM ends its stream alone, with the error's name; what was on its way makes no exchange", () => {
  const script = begun().read(request(1, "/1")).read(request(3, "/3"));
  script.write(Buffer.concat([response(1, 0, ["content-length", "10"]), data(1, "01234")]));
  script
    .read(frame("rstStream", 0, 1, "\0\0\0\x08"))
    .read(request(5, "/5"))
    .read(frame("rstStream", 0, 5, "\0\0\0\x08"));
  script.write(Buffer.concat([data(1, "56"), response(5), response(3), data(3, "three", endStream)]));
  const { exchanges } = run(script.close().events);
  assert.deepEqual(
    exchanges.map(({ request, state, error }) => [request?.target, state, error]),
    [
      ["/1", "reset", "CANCEL"],
      ["/3", "complete", undefined],
      ["/5", "reset", "CANCEL"],
    ],
  );
  assert.deepEqual(exchanges[0]!.response?.body.missing, [{ start: 5, end: 10, reason: "never-sent" }]);
});

test("who has answered and asks for no more of the upload has not failed: what it didn't read says so", () => {
  const script = begun()
    .read(request(1, "/upload", 0, ["content-length", "10"]))
    .read(data(1, "0123"));
  script.write(Buffer.concat([response(1, endStream), frame("rstStream", 0, 1, "\0\0\0\0")]));
  const exchange = only(run(script.read(data(1, "4567")).close().events));
  assert.deepEqual(
    [exchange.state, exchange.error, exchange.response?.body.end, exchange.request?.body.missing],
    ["closed", undefined, "complete", [{ start: 4, end: 10, reason: "unread" }]],
  );
});

test("GOAWAY ends the streams that will not be answered, and names why the others end with the connection", () => {
  const script = begun().read(request(1, "/1")).read(request(3, "/3"));
  script.write(frame("goAway", 0, 0, "\0\0\0\x01\0\0\0\x0b"));
  const { exchanges } = run(script.close().events);
  assert.deepEqual(
    exchanges.map(({ state, error }) => [state, error]),
    [
      ["closed", "ENHANCE_YOUR_CALM"],
      ["closed", "ENHANCE_YOUR_CALM"],
    ],
  );
  const graceful = begun().read(request(1, "/1")).read(request(3, "/3"));
  graceful.write(frame("goAway", 0, 0, "\0\0\0\x01\0\0\0\0")).write(response(1, endStream));
  assert.deepEqual(
    run(graceful.events).exchanges.map(({ state, error }) => [state, error]),
    [
      ["complete", undefined],
      ["closed", "GOAWAY"],
    ],
  );
});

test("a server's settings that come before the client's preface belong to HTTP/2; before anything else they don't", () => {
  const early = new Script(1, { in: 1000, out: 5000 }, "server")
    .write(settings)
    .read(Buffer.concat([preface, settings]));
  early.read(request(1, "/1")).write(Buffer.concat([ack, response(1, endStream)]));
  const first = only(run(early.close().events));
  assert.deepEqual([first.request?.target, first.response?.status, first.state], ["/1", 200, "complete"]);
  const other = new Script()
    .write(settings)
    .read("GET / HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 204 Fine\r\n\r\n");
  assert.equal(only(run(other.close().events)).response?.status, 204);
});

test("a response that a client's thread reads before the call returns that sent the request waits for it", () => {
  const script = new Script(1, { in: 1000, out: 5000 }, "client")
    .write(Buffer.concat([preface, settings]))
    .read(settings);
  script.write(request(1, "/1")).read(Buffer.concat([response(1), data(1, "one", endStream)]));
  const { events } = script;
  events.splice(-2, 2, events.at(-1)!, events.at(-2)!);
  const seen = run(script.close().events);
  const exchange = only(seen);
  assert.deepEqual([exchange.role, exchange.state, exchange.request?.target], ["client", "complete", "/1"]);
  assert.equal(seen.body(0, "response"), "one");
});

test("a response to a request before the capture is shown without one; data of unknown streams makes nothing", () => {
  const script = new Script(1, { in: 1000, out: 5000 }, "server").write(data(7, "some of a body"));
  script.write(Buffer.concat([response(9), data(9, "nine", endStream)])).write(data(7, "more", endStream));
  const seen = run(script.close().events);
  const exchange = only(seen);
  assert.deepEqual(
    [exchange.request, exchange.response?.status, exchange.state, exchange.stream],
    [undefined, 200, "complete", 9],
  );
  assert.equal(seen.body(0, "response"), "nine");
});

test("of a request before the capture only an interim response is seen: the exchange ends with the connection", async () => {
  const early = frame("headers", endHeaders, 1, "\x48\x03103");
  const { traffic } = run(begun().write(early).close().events);
  assert.equal(traffic.inFlight, 0);
  await traffic.settled();
  const exchange = traffic.exchange(1);
  assert.equal(exchange?.state, "closed");
  assert.deepEqual(
    exchange.interim?.map(({ status }) => status),
    [103],
  );
});

test("a response's end that comes before its head is its end: no head comes after it", () => {
  const script = begun()
    .read(request(1, "/", 0))
    .write(data(1, "", endStream));
  const exchange = only(run(script.write(response(1, endStream)).close().events));
  assert.deepEqual([exchange.state, exchange.response], ["closed", undefined]);
});

test("each frame's head and its payload read by a call of its own, as Go does it: whole from the first request on, also in the middle", () => {
  const asked = [request(1, "/1"), data(3, "upload"), request(5, "/5")];
  const calls = asked.flatMap((each) => [each.subarray(0, 9), each.subarray(9)]);
  for (const beginning of [[], [preface.subarray(0, 14), preface.subarray(14)]]) {
    const script = new Script(1, { in: 1000, out: 5000 }, "server");
    for (const call of [...beginning, ...calls]) script.read(call);
    script.write(response(1, endStream)).write(response(5, endStream));
    assert.deepEqual(
      run(script.close().events).exchanges.map((each) => [each.request?.target, each.state]),
      [
        ["/1", "complete"],
        ["/5", "complete"],
      ],
    );
  }
});

test("in the middle, a first response that waits for what another thread reads begins where its call does", () => {
  const script = new Script(1, { in: 1000, out: 5000 }, "server").read(request(1, "/1"));
  const second = request(3, "/3");
  script.write(response(1, endStream), { other: script.seq.in + second.length }).read(second);
  assert.deepEqual(
    run(script.write(response(3, endStream)).close().events).exchanges.map((each) => [
      ...[each.request?.target, each.response?.status, each.state],
    ]),
    [
      ["/1", 200, "complete"],
      ["/3", 200, "complete"],
    ],
  );
});

test("who connected says who asks: a response that goes the wrong way makes no HTTP/2 of a connection", () => {
  const script = new Script(1, { in: 1000, out: 5000 }, "server").read(
    Buffer.concat([response(1), data(1, "x", endStream)]),
  );
  assert.equal(run(script.close().events).exchanges.length, 0);
});

test("an upgrade by 101: the request of HTTP/1 is answered on the first stream, and others follow", () => {
  const script = new Script(1, { in: 1000, out: 5000 }, "server");
  const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
  script.read(`GET /first HTTP/1.1\r\nHost: example.test\r\n${upgrade}\r\n`);
  const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
  script.write(Buffer.concat([Buffer.from(switching), settings]));
  script
    .read(Buffer.concat([preface, settings]))
    .write(Buffer.concat([ack, response(1), data(1, "one", endStream)]));
  script.read(request(3, "/3")).write(response(3, endStream));
  const seen = run(script.close().events);
  assert.deepEqual(
    seen.exchanges.map(({ request, response, interim, state, stream }) => [
      ...[request?.target, response?.status, response?.version, interim?.[0]?.status, state, stream],
    ]),
    [
      ["/first", 200, "HTTP/2", 101, "complete", 1],
      ["/3", 200, "HTTP/2", undefined, "complete", 3],
    ],
  );
  assert.equal(seen.body(0, "response"), "one");
});

test("the end of the capture, of the connection, and its break end what is open, each by its name", () => {
  for (const [state, end] of [
    ["closed", (script: Script) => script.close()],
    ["reset", (script: Script) => script.abort()],
  ] as const) {
    const script = begun()
      .read(request(1, "/1"))
      .write(Buffer.concat([response(1), data(1, "one")]));
    assert.equal(only(run(end(script).events)).state, state);
  }
  const capture = new Capture();
  for (const event of begun().read(request(1, "/1")).events) capture.push(event);
  capture.traffic.end(2000);
  const [id] = capture.traffic.takeChanges(9).changed;
  assert.equal(capture.traffic.exchange(id!)?.state, "stopped");
});

test("streams whose ends were lost don't gather without limit", () => {
  const script = begun();
  const asked = Array.from({ length: 12_000 }, (_, i) => request(2 * i + 1, "/"));
  for (let i = 0; i < asked.length; i += 100) script.read(Buffer.concat(asked.slice(i, i + 100)));
  const { traffic } = run(script.events, { maxExchanges: 100_000 });
  assert.equal(traffic.inFlight, 10_000);
});
