import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Capture, run, Script } from "./script.ts";

const get = (target: string, more = "") => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const states = (script: Script) => run(script.events).exchanges.map(({ state }) => state);
/** State, request target, response status and body of each exchange. */
function outline(script: Script): string[] {
  const seen = run(script.events);
  return seen.exchanges.map(
    ({ state, request, response }, i) =>
      `${state} ${request?.target} ${response?.status ?? "-"} ${seen.body(i, "response")}`,
  );
}

test("the times of an exchange's parts", () => {
  const script = new Script().read("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n").read("a").read("b");
  script.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n").write("\r\n").write("o").write("k");
  const [exchange] = run(script.events).exchanges;
  const { requestEnd, responseStart, duration } = exchange!;
  assert.deepEqual([requestEnd, responseStart, duration], [2, 3, 6]);
});

test("an exchange of a server: heads, body, times, process", () => {
  const script = new Script().read(get("/a?b=c")).write(ok("hello"));
  const { exchanges, body, traffic } = run(script.events, { wallClockOffset: () => 500 });
  assert.deepEqual(exchanges, [
    {
      id: 1,
      pid: 42,
      process: "process-42",
      role: "server",
      local: "127.0.0.1:8080",
      remote: "127.0.0.1:50000",
      state: "complete",
      start: 1501,
      duration: 1,
      requestEnd: 0,
      responseStart: 1,
      request: {
        method: "GET",
        target: "/a?b=c",
        version: "HTTP/1.1",
        headers: [["Host", "a"]],
        body: { size: 0, end: "complete", ranges: [], missing: [] },
      },
      response: {
        status: 200,
        statusText: "OK",
        version: "HTTP/1.1",
        headers: [["Content-Length", "5"]],
        body: { size: 5, end: "complete", ranges: [{ start: 0, end: 5, source: "write" }], missing: [] },
      },
    },
  ]);
  assert.equal(body(0, "response"), "hello");
  assert.deepEqual([traffic.exchanges, traffic.inFlight], [1, 0]);
});

test("an exchange of a client", () => {
  const { exchanges } = run(new Script().write(get("/")).read(ok("x")).events);
  assert.deepEqual([exchanges[0]?.role, exchanges[0]?.state], ["client", "complete"]);
});

test("an exchange is visible while it runs, and its row says what is known", () => {
  const script = new Script()
    .read(get("/slow"))
    .write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nhalf");
  const capture = new Capture();
  const { traffic } = capture;
  const [opened, request, response] = script.events;
  capture.push(opened!);
  capture.push(request!);
  assert.deepEqual(traffic.takeChanges(9), { changed: [1], dropped: [] });
  assert.equal(traffic.inFlight, 1);
  capture.push(response!);
  assert.deepEqual(traffic.takeChanges(9), { changed: [1], dropped: [] });
  assert.deepEqual(traffic.summary(1), {
    id: 1,
    pid: 42,
    process: "process-42",
    role: "server",
    state: "in-flight",
    start: 1001,
    method: "GET",
    target: "/slow",
    host: "a",
    status: 200,
    contentType: "text/plain",
    size: 4,
    incomplete: false,
  });
  traffic.push({ kind: "closed", connection: 1, time: 1010, numbers: script.seq });
  assert.deepEqual(traffic.takeChanges(9), { changed: [1], dropped: [] });
  assert.deepEqual(traffic.exchange(1)?.response?.body.missing, [{ start: 4, end: 9, reason: "never-sent" }]);
  assert.equal(traffic.exchange(1)?.state, "reset");
});

test("a sendfile body: offered pieces count only as far as they were accepted", () => {
  const script = new Script().read(get("/f")).write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
  const seq = script.seq.out;
  const offer = (at: number, text: string) => script.segment("out", seq + at, Buffer.from(text), "sendfile");
  const call = (at: number, length: number) => ({ seq: seq + at, length, reason: "no-source" as const });
  script.events.push(
    offer(10, "xxxxxxxxxx"),
    offer(0, "0123456789"),
    { ...offer(20, ""), call: call(0, 12) },
    offer(12, "cdefghij"),
    { ...offer(20, ""), call: call(12, 8) },
  );
  const { exchanges, body } = run(script.events);
  assert.equal(exchanges[0]?.state, "complete");
  assert.equal(body(0, "response"), "0123456789xxcdefghij");
  assert.deepEqual(exchanges[0]?.response?.body.ranges, [{ start: 0, end: 20, source: "sendfile" }]);
});

test("a sendfile body that no source reads: size and reason, and the next exchange is whole", () => {
  const script = new Script()
    .read(get("/f"))
    .write("HTTP/1.1 200 OK\r\nContent-Length: 1003\r\n\r\nabc")
    .write(Buffer.alloc(1000), { source: "sendfile", holes: [[0, 1000]], reason: "no-source" })
    .read(get("/g"))
    .write(ok("next"));
  const { exchanges, body } = run(script.events);
  assert.deepEqual(exchanges[0]?.response?.body, {
    size: 1003,
    end: "complete",
    ranges: [{ start: 0, end: 3, source: "write" }],
    missing: [{ start: 3, end: 1003, reason: "no-source" }],
  });
  assert.deepEqual(
    exchanges.map(({ state }) => state),
    ["complete", "complete"],
  );
  assert.equal(body(1, "response"), "next");
});

test("chunked: extensions, trailers apart from the headers, sizes cut anywhere", () => {
  const wire = `${chunked}5;a="b"\r\nhello\r\n006\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n`;
  for (let cut = 1; cut < wire.length; cut++) {
    const script = new Script().read(get("/")).write(wire.slice(0, cut)).write(wire.slice(cut));
    const { exchanges, body } = run(script.events);
    assert.equal(exchanges[0]?.state, "complete");
    assert.equal(body(0, "response"), "hello world");
    assert.deepEqual(exchanges[0]?.response?.headers, [["Transfer-Encoding", "chunked"]]);
    assert.deepEqual(exchanges[0]?.response?.trailers, [["X-Sum", "1"]]);
  }
});

test("a gap inside a chunk's data is stepped over; one that swallows framing ends the body there", () => {
  const wire = `${chunked}a\r\n0123456789\r\n3\r\nabc\r\n0\r\n\r\n`;
  const at = wire.indexOf("0123456789");
  const holed = (from: number, to: number) =>
    run(
      new Script()
        .read(get("/"))
        .write(wire, { holes: [[from, to]], reason: "shed" })
        .read(get("/2"))
        .write(ok("next")).events,
    );
  const inside = holed(at + 2, at + 5);
  assert.equal(inside.exchanges[0]?.state, "complete");
  assert.deepEqual(inside.exchanges[0]?.response?.body.missing, [{ start: 2, end: 5, reason: "shed" }]);
  assert.equal(inside.body(0, "response"), "01\0\0\u000056789abc");
  const across = holed(at + 8, at + 14);
  assert.equal(across.exchanges[0]?.state, "lost");
  assert.deepEqual(across.exchanges[0]?.response?.body.missing, [
    { start: 8, end: 10, reason: "shed" },
    { start: 10, end: 18, reason: "framing-lost" },
  ]);
  assert.equal(across.exchanges[1]?.state, "complete");
  assert.equal(across.body(1, "response"), "next");
});

test("messages without a body: HEAD, 204, 304", () => {
  const script = new Script()
    .read("HEAD /h HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    .read(get("/n"))
    .write("HTTP/1.1 204 No Content\r\n\r\n")
    .read(get("/m"))
    .write("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n")
    .read(get("/l"))
    .write(ok("last"));
  assert.deepEqual(outline(script), [
    "complete /h 200 ",
    "complete /n 204 ",
    "complete /m 304 ",
    "complete /l 200 last",
  ]);
});

test("100 Continue and 103 Early Hints complete nothing", () => {
  const script = new Script()
    .read("PUT /u HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    .write("HTTP/1.1 100 Continue\r\n\r\n")
    .read("data")
    .write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    .write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  const { exchanges, body } = run(script.events);
  assert.deepEqual(
    exchanges.map(({ state, response }) => [state, response?.status]),
    [["complete", 201]],
  );
  assert.equal(body(0, "request"), "data");
});

test("a refused Expect: 100-continue: the next request may come in place of the body", () => {
  const script = new Script()
    .read("PUT /u HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 400\r\n\r\n")
    .write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    .read(get("/next"))
    .write(ok("x"));
  assert.deepEqual(outline(script), ["closed /u 413 ", "complete /next 200 x"]);
});

test("an early response: the exchange is complete when the request's body is", () => {
  const script = new Script()
    .read("POST /u HTTP/1.1\r\nContent-Length: 8\r\n\r\nhalf")
    .write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  assert.deepEqual(states(script), ["in-flight"]);
  script.read("half");
  assert.deepEqual(states(script), ["complete"]);
});

test("a tunnel ends HTTP on the connection, and a refused one doesn't", () => {
  const connect = new Script()
    .read("CONNECT a:443 HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 200 OK\r\n\r\n")
    .read("\x16\x03\x01");
  assert.deepEqual(outline(connect), ["complete a:443 200 "]);
  const refused = new Script()
    .read("CONNECT a:443 HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno")
    .read(get("/"))
    .write(ok("x"));
  assert.deepEqual(outline(refused), ["complete a:443 407 no", "complete / 200 x"]);
});

test("pipelined requests are answered in order", () => {
  const script = new Script()
    .read(get("/1") + get("/2") + get("/3"))
    .write(ok("one") + ok("two"))
    .write(ok("three"));
  assert.deepEqual(outline(script), ["complete /1 200 one", "complete /2 200 two", "complete /3 200 three"]);
});

test("bodies until the connection's end", () => {
  const script = new Script()
    .read(get("/"))
    .write("HTTP/1.0 200 OK\r\n\r\nsome")
    .write(" more")
    .end("out")
    .close();
  assert.deepEqual(outline(script), ["complete / 200 some more"]);
});

test("a request without a response is broken when the connection ends", () => {
  assert.deepEqual(outline(new Script().read(get("/")).end("in")), ["in-flight / - "]);
  assert.deepEqual(outline(new Script().read(get("/")).close()), ["closed / - "]);
});

test("heads: bare line feeds, blank lines before, folding, repeated names, latin1, odd blanks", () => {
  const head = "\r\n\nGET /\xe9 HTTP/1.1\nA:  1 \nA:\t2\nFold: x\n\t y\r\nNone:\r\n\r\n";
  for (let cut = 0; cut < head.length; cut++) {
    const script = new Script()
      .read(head.slice(0, cut) || "\r\n")
      .read(head.slice(cut))
      .write(ok(""));
    const { exchanges } = run(script.events);
    assert.equal(exchanges[0]?.request?.target, "/\xe9");
    assert.deepEqual(exchanges[0]?.request?.headers, [
      ["A", "1"],
      ["A", "2"],
      ["Fold", "x y"],
      ["None", ""],
    ]);
    assert.equal(exchanges[0]?.state, "complete");
  }
});

test("lengths that can't be believed break the exchange; Transfer-Encoding goes before Content-Length", () => {
  for (const lengths of [
    "Content-Length: -1",
    "Content-Length: 1x",
    "Content-Length: 3\r\nContent-Length: 4",
  ]) {
    const script = new Script().read(get("/")).write(`HTTP/1.1 200 OK\r\n${lengths}\r\n\r\nabc`).close();
    const [exchange] = run(script.events).exchanges;
    assert.equal(exchange?.state, "lost", lengths);
    assert.deepEqual(exchange.response?.body.missing, [{ start: 0, end: 3, reason: "framing-lost" }]);
  }
  const same = new Script()
    .read(get("/"))
    .write("HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc");
  assert.deepEqual(outline(same), ["complete / 200 abc"]);
  const both = new Script()
    .read(get("/"))
    .write(
      "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    );
  assert.deepEqual(outline(both), ["complete / 200 ok"]);
});

test("a head may have 256 KiB, not more", () => {
  const long = (length: number) => get(`/${"x".repeat(length)}`);
  const length = 250_000;
  const script = new Script();
  for (let at = 0; at < length; at += 10_000) script.read(long(length).slice(at, at + 10_000));
  script.read(long(length).slice(length)).write(ok("x"));
  assert.deepEqual(states(script), ["complete"]);
  assert.deepEqual(states(new Script().read(long(270_000)).write(ok("x"))), []);
});

test("a connection caught in mid-message is followed from its next message on", () => {
  const script = new Script()
    .read("rest of an upload")
    .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    .read(get("/"))
    .write(ok("x"));
  assert.deepEqual(outline(script), ["complete / 200 x"]);
  const answering = new Script()
    .write("rest of a response")
    .write("more of it")
    .read(get("/"))
    .write(ok("x"));
  assert.deepEqual(outline(answering), ["complete / 200 x"]);
});

test("a client's response may be read while the call that writes its request goes on", () => {
  const upload = `POST /1 HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789`;
  const script = new Script();
  const { seq } = script;
  // The upload's call has written a part of its bytes.
  script.read(ok("one"), { other: seq.out + 40 }).write(upload, { other: seq.in });
  script.write(get("/2")).read(ok("two"));
  script.read(ok("three"), { other: seq.out + 10 }).write(get("/3"), { other: seq.in - ok("three").length });
  script.write(get("/4")).read(ok("4"));
  assert.deepEqual(outline(script), [
    "complete /1 200 one",
    "complete /2 200 two",
    "complete /3 200 three",
    "complete /4 200 4",
  ]);
});

test("what isn't HTTP is counted once, and may turn out to be", () => {
  const tls = "\x16\x03\x01" + "x".repeat(50);
  const script = new Script().write(tls).read(tls).write(tls);
  const { traffic } = run(script.events);
  assert.equal(traffic.otherConnections, 1);
  assert.equal(run(script.write(get("/")).read(ok("x")).events).traffic.otherConnections, 0);
});

test("only the ports asked for", () => {
  const script = new Script().read(get("/")).write(ok("x"));
  assert.equal(run(script.events, { ports: [8080] }).exchanges.length, 1);
  assert.equal(run(script.events, { ports: [50000] }).exchanges.length, 1);
  assert.equal(run(script.events, { ports: [80] }).exchanges.length, 0);
});

test("bodies are kept to the limit of each, the rest is called missing", () => {
  const script = new Script().read(get("/")).write(ok("x".repeat(5000)), { cuts: [3000] });
  const { exchanges, body } = run(script.events, { maxBody: 1000 });
  assert.deepEqual(exchanges[0]?.response?.body, {
    size: 5000,
    end: "complete",
    ranges: [{ start: 0, end: 1000, source: "write" }],
    missing: [{ start: 1000, end: 5000, reason: "body-limit" }],
  });
  assert.equal(body(0, "response"), "x".repeat(1000) + "\0".repeat(4000));
});

test("finished exchanges are kept to a number; clear forgets them", () => {
  const script = new Script();
  for (let i = 0; i < 5; i++) script.read(get(`/${i}`)).write(ok("x"));
  script.read(get("/open"));
  const capture = new Capture({ maxExchanges: 3 });
  const { traffic } = capture;
  for (const event of script.events) capture.push(event);
  assert.deepEqual(traffic.takeChanges(9), { changed: [3, 4, 5, 6], dropped: [] });
  assert.equal(traffic.exchange(1), undefined);
  traffic.clear();
  assert.deepEqual(traffic.takeChanges(9), { changed: [], dropped: [3, 4, 5] });
  assert.equal(traffic.exchange(6)?.state, "in-flight");
  assert.equal(traffic.exchanges, 5);
  assert.equal(traffic.kept, 1);
});

test("digests of whole bodies only", () => {
  const script = new Script()
    .read(get("/"))
    .write(ok("hello"))
    .read(get("/2"))
    .write(ok("hello"), { holes: [[40, 42]] });
  const { exchanges } = run(script.events, { bodies: "hashed" });
  assert.equal(exchanges[0]?.response?.body.sha256, createHash("sha256").update("hello").digest("hex"));
  assert.equal(exchanges[0]?.request?.body.sha256, createHash("sha256").update("").digest("hex"));
  assert.equal(exchanges[1]?.response?.body.missing.length, 1);
  assert.equal(exchanges[1]?.response?.body.sha256, undefined);
});

test("a body can be read by range", () => {
  const capture = new Capture();
  for (const event of new Script().read(get("/")).write(ok("0123456789")).events) capture.push(event);
  const { traffic } = capture;
  const read = (start: number, end: number) => capture.body(1, "response", start, end);
  assert.deepEqual([read(0, 3), read(8, 99), read(20, 30), read(5, 2)], ["012", "89", "", ""]);
  assert.equal(traffic.body(99, "response", 0, 1).length, 0);
});
