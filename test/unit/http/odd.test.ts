/** Odd conversations: what is odd about each is in its title. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Missing } from "../../../protocol/exchange.ts";
import { Capture, drop, run, Script, type Options, type ScriptEvent } from "./script.ts";

const get = (target: string, more = "") => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const ok = (body: string, more = "") =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
const post = "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunk = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n`;

/** State, request target, response status of each exchange. */
function outline(events: readonly ScriptEvent[], options: Options = {}): string[] {
  const { exchanges } = run(events, options);
  return exchanges.map(
    ({ state, request, response }) => `${state} ${request?.target ?? "-"} ${response?.status ?? "-"}`,
  );
}

test("two chunks of an upload are shed: its answer, its size and the next exchange are there", () => {
  const body = "x".repeat(8000);
  const shed = { holes: [[0, 9000]] as [number, number][], reason: "shed" as const };
  const script = new Script().read(post).read(chunk(body)).read(chunk(body), shed).read(chunk(body), shed);
  script.read("0\r\n\r\n").write(ok("")).read(get("/n2")).write(ok("next"));
  const { exchanges } = run(script.events);
  assert.deepEqual(outline(script.events), ["lost /1 200", "complete /n2 200"]);
  const { size, end, missing } = exchanges[0]!.request!.body;
  assert.deepEqual([size, end], [24_000, "lost"]);
  assert.deepEqual(missing, [{ start: 8000, end: 24_000, reason: "framing-lost" }]);
});

test("a body whose framing was lost goes on being counted until its message is over", () => {
  const script = new Script().read(get("/1")).write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (let i = 0; i < 16; i++) script.write(chunk("y".repeat(4096)), i === 2 ? { holes: [[0, 5000]] } : {});
  script.write("0\r\n\r\n");
  const capture = new Capture();
  for (const event of script.events) capture.push(event);
  const body = () => capture.traffic.exchange(1)?.response?.body;
  assert.deepEqual([capture.traffic.exchange(1)?.state, body()?.size], ["in-flight", 16 * 4096]);
  capture.traffic.expire(script.time + 1000);
  assert.deepEqual([capture.traffic.exchange(1)?.state, body()?.end], ["lost", "lost"]);
});

test("bytes outside of ASCII in a target, and around a header's value, are kept", () => {
  const script = new Script().read(get("/a\xa0b\x85\xff", "X: \xa0v\xa0\t \r\nFold: a\xa0\r\n \xa0b\r\n"));
  const [exchange] = run(script.write(ok("")).events).exchanges;
  assert.equal(exchange?.request?.target, "/a\xa0b\x85\xff");
  assert.deepEqual(exchange.request.headers.slice(1), [
    ["X", "\xa0v\xa0"],
    ["Fold", "a\xa0 \xa0b"],
  ]);
  assert.equal(exchange.state, "complete");
});

test("a request that is malformed is shown with its answer", () => {
  for (const target of ["/a\0b", "/a b", "/\x01\x7f"])
    assert.deepEqual(
      outline(new Script().read(get(target)).write("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n").events),
      [`complete ${target} 400`],
    );
  const noRequest = new Script().read("nothing of the kind\r\n\r\n");
  noRequest.write("HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
  assert.deepEqual(outline(noRequest.events), ["complete - 400"]);
});

test("a request whose length is too short for its body is shown with its answer", () => {
  const script = new Script().read("POST /short HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd");
  assert.deepEqual(outline(script.write(ok("")).events), ["complete /short 200"]);
});

test("a response that nobody asked for is shown as one", () => {
  const timeout = "HTTP/1.1 408 Timeout\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye";
  const seen = run(new Script().read(get("/1")).write(ok("one")).write(timeout).close().events);
  assert.deepEqual(
    seen.exchanges.map(({ state, request, response }) => [state, request?.target, response?.status]),
    [
      ["complete", "/1", 200],
      ["complete", undefined, 408],
    ],
  );
  assert.equal(seen.body(1, "response"), "bye");
  assert.deepEqual(outline(new Script().write(timeout).close().events), ["complete - 408"]);
});

test("a response whose request was lost is shown without it, and called so", () => {
  const script = new Script().read(get("/1")).write(ok("one")).read(get("/2")).write(ok("two"));
  script.read(get("/3")).write(ok("three"));
  assert.deepEqual(outline(drop(script.events, (index) => index === 3)), [
    "complete /1 200",
    "lost - 200",
    "complete /3 200",
  ]);
});

test("a response whose request was lost, and of which only the size of a chunk has come, is not whole without it", () => {
  const script = new Script().read(get("/1")).write(ok("one")).read(get("/2"));
  script.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x").read(get("/3"));
  script.write("\r\nhello\r\n0\r\n\r\n").write(ok("three"));
  const { exchanges } = run(drop(script.events, (index) => index === 3));
  const [, second] = exchanges;
  assert.deepEqual([second?.request, second?.response?.body.end], [undefined, "lost"]);
});

test("a response without its request, behind whose head something was lost: what follows isn't taken for its body, as it may have none", () => {
  const script = new Script().read(get("/1")).write(ok("one"));
  script.read(get("/2"), { holes: [[0, 4]], reason: "ring-full" });
  script.write("HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\n");
  script.write(ok("lost"), { holes: [[0, 42]], reason: "ring-full" });
  script.write("the body of what came after the one that was lost");
  const [, second] = run(script.close().events).exchanges;
  assert.deepEqual([second?.request, second?.response?.body.end], [undefined, "lost"]);
  assert.deepEqual(second?.response?.body.ranges, []);
});

test("lengths with many leading zeros are lengths", () => {
  const zeros = "0".repeat(40);
  const fixed = new Script().read(get("/")).write(`HTTP/1.1 200 OK\r\nContent-Length: ${zeros}2\r\n\r\nok`);
  assert.deepEqual(outline(fixed.events), ["complete / 200"]);
  const chunks = `${zeros}2\r\nok\r\n${zeros}\r\n\r\n`;
  const chunked = new Script().read(get("/"));
  chunked.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
  assert.deepEqual(outline(chunked.events), ["complete / 200"]);
});

test("trailers of a connection's first request", () => {
  const script = new Script().read(`${post}${chunk("a")}0\r\nX-Sum: 1\r\n\r\n`).write(ok(""));
  assert.deepEqual(run(script.events).exchanges[0]?.request?.trailers, [["X-Sum", "1"]]);
});

test("malformed chunks: what comes of the body is missing, with the reason", () => {
  for (const wire of ["zz\r\nabc", "3\r\nabcdef\r\n", "\r\n3\r\nabc"]) {
    const script = new Script().read(get("/")).write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const { state, response } = run(script.write(wire).close().events).exchanges[0]!;
    assert.deepEqual([state, response?.body.end], ["lost", "lost"], wire);
    assert.equal(response?.body.missing.at(-1)?.reason, "framing-lost", wire);
  }
});

test("a first method that ends like a known one, and one of nobody's", () => {
  for (const method of ["FORGET", "XPUT", "BREW"]) {
    const script = new Script().read(`${method} / HTTP/1.1\r\n\r\n`).write(ok("x"));
    assert.deepEqual(outline(script.events), ["complete / 200"], method);
  }
});

test("a tunnel whose answer came before its request is one, and what is in it another's", () => {
  for (const [request, answer, inside] of [
    ["CONNECT a:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", ["complete /inside 200"]],
    [get("/ws"), "HTTP/1.1 101 Switching\r\n\r\n", []],
  ] as const) {
    const script = new Script().write(get("/1")).read(ok("one"));
    const { seq } = script;
    script
      .read(answer, { other: seq.out + request.length })
      .write(request, { other: seq.in - answer.length });
    script.write(get("/inside")).read(ok("inside"));
    const target = request.split(" ")[1]!;
    assert.deepEqual(outline(script.events), [
      "complete /1 200",
      `${inside.length > 0 ? "complete" : "in-flight"} ${target} ${answer.slice(9, 12)}`,
      ...inside,
    ]);
  }
});

test("attached in the middle of an upload that contains a response: the next exchanges are seen", () => {
  const script = new Script().read("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nof the upload");
  script.read("more of it").write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  script.read(get("/2")).write(ok("two")).read(get("/3")).write(ok("three"));
  assert.deepEqual(outline(script.events), ["complete /2 200", "complete /3 200"]);
  assert.ok(run(script.events).exchanges.every(({ role }) => role === "server"));
});

test("attached in the middle of a body that contains a message: who connected says the role", () => {
  const close = "Connection: close\r\nContent-Length: 0\r\n\r\n";
  const numbers = () => ({ in: 1000, out: 5000 });
  for (const [role, answer] of [
    ["server", `HTTP/1.1 200 OK\r\n${close}`],
    ["client", `GET /inside HTTP/1.1\r\n${close}`],
  ] as const) {
    const script = new Script(1, numbers(), role).read(answer).read("more of the body");
    if (role === "server") script.write(ok("")).read(get("/2")).write(ok("two"));
    else script.write(get("/2")).read(ok("two"));
    const { exchanges } = run(script.events);
    assert.deepEqual(outline(script.events), ["complete /2 200"], role);
    assert.deepEqual(
      exchanges.map((exchange) => exchange.role),
      [role],
    );
  }
});

test("attached in the middle of an upload that contains a request: it is part of the body, and the next exchanges are seen", () => {
  const inside = get("/inside");
  for (const upload of [[inside], [inside, inside], [`${inside}and more`], [inside, "and more"]]) {
    const script = new Script().read("of the upload");
    for (const part of upload) script.read(part);
    script.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    script.read(get("/2")).write(ok("two")).read(get("/3")).write(ok("three"));
    assert.deepEqual(outline(script.events), ["complete /2 200", "complete /3 200"]);
    const sent = new Script().write("of the upload");
    for (const part of upload) sent.write(part);
    sent.read("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n").write(get("/2")).read(ok("two"));
    assert.deepEqual(outline(sent.events), ["complete /2 200"]);
  }
});

test("after a loss, an upload that contains a request: it is part of the body, and the next exchanges are seen", () => {
  const script = new Script().read(get("/1")).write(ok("one"));
  script.read("POST /upload HTTP/1.1\r\nContent-Length: 9000\r\n\r\n");
  script
    .read(get("/inside"))
    .read("x".repeat(9000 - get("/inside").length))
    .write(ok("upload"));
  script.read(get("/2")).write(ok("two"));
  const events = drop(script.events, (index) => index === 3);
  assert.deepEqual(outline(events), ["complete /1 200", "lost - 200", "complete /2 200"]);
});

test("attached while the connection idles: the next request is shown at once, also behind another protocol's bytes", () => {
  const script = new Script().read(get("/1"));
  assert.deepEqual(outline(script.events), ["in-flight /1 -"]);
  const behindProxy = new Script().write("\x05\x01\0").read("\x05\0");
  behindProxy.write("\x05\x01\0\x01\x7f\0\0\x01\0\x50").read("\x05\0\0\x01\0\0\0\0\0\0").write(get("/2"));
  assert.deepEqual(outline(behindProxy.events), ["in-flight /2 -"]);
  assert.deepEqual(outline(behindProxy.read(ok("two")).events), ["complete /2 200"]);
});

test("a program that connected and then serves is seen from its second exchange on", () => {
  const script = new Script(1, { in: 1000, out: 5000 }, "client");
  for (const target of ["/1", "/2", "/3"]) script.read(get(target)).write(ok("x"));
  assert.deepEqual(outline(script.events).slice(-2), ["complete /2 200", "complete /3 200"]);
});

test("a connection whose heads were lost doesn't count among those that are not HTTP", () => {
  const script = new Script()
    .read(get("/1"))
    .write("a".repeat(100))
    .read("b".repeat(100))
    .write("c".repeat(100));
  assert.deepEqual(run(drop(script.events, (index) => index === 1)).traffic.otherConnections, {});
  const tls = new Script().read(`\x16\x03\x01${"\x01".repeat(100)}`).write("\x16".repeat(100));
  assert.deepEqual(run(tls.events).traffic.otherConnections, { TLS: 1 });
});

test("pipelining beyond the limit is in the tally, and nothing is paired after it", () => {
  const pipelined = (count: number) => {
    const script = new Script();
    for (let i = 0; i < count; i++) script.read(get(`/${i}`));
    for (let i = 0; i < count; i++) script.write(ok(String(i)));
    return run(script.events, { maxExchanges: 20_000 });
  };
  const within = pipelined(2000);
  assert.deepEqual([within.exchanges.length, within.traffic.unpaired], [2000, 0]);
  within.exchanges.forEach(({ request }, i) =>
    assert.equal(request?.target, `/${within.body(i, "response")}`),
  );
  const { traffic, exchanges } = pipelined(10_100);
  assert.ok(traffic.unpaired > 10_000, `${traffic.unpaired}`);
  assert.ok(exchanges.every(({ response }) => response === undefined));
});

/** What is missing of a body of 9 bytes, of which 2 have come, and its end. */
function cut(script: Script, side: "request" | "response"): [string | undefined, Missing[] | undefined] {
  const body = run(script.events).exchanges[0]![side]?.body;
  return [body?.end, body?.missing];
}

test("a body that the program did not read is called so, and one that was not sent too", () => {
  const upload = "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab";
  const refusal = "HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  const rest = (reason: Missing["reason"]): Missing[] => [{ start: 2, end: 9, reason }];
  const refused = () => new Script().read(upload).write(refusal);
  assert.deepEqual(cut(refused().end("out").abort(), "request"), ["closed", rest("unread")]);
  assert.deepEqual(cut(refused().abort(), "request"), ["reset", rest("unread")]);
  // The client's FIN was read: there was no more.
  assert.deepEqual(cut(refused().end("in").abort(), "request"), ["closed", rest("never-sent")]);
  const download = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab";
  const left = new Script().write(get("/")).read(download).end("out").abort();
  assert.deepEqual(cut(left, "response"), ["closed", rest("unread")]);
  const given = new Script().read(get("/")).write(download).end("in").abort();
  assert.deepEqual(cut(given, "response"), ["closed", rest("never-sent")]);
});

test("what a blocking call sends starts with the call, also where its answer came first", () => {
  const upload = "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789";
  const script = new Script();
  script.read(ok("x"), { other: script.seq.out + 40 });
  const answered = script.time;
  script.time = answered + 4999;
  script.write(upload, { other: script.seq.in - ok("x").length, took: 7000 });
  const [exchange] = run(script.events).exchanges;
  const { state, start, duration, requestEnd, responseStart } = exchange!;
  assert.deepEqual([state, start], ["complete", answered - 2000]);
  assert.deepEqual([responseStart, requestEnd, duration], [2000, 7000, 2000]);
  const slow = new Script().read(get("/"));
  slow.time += 3000;
  const [served] = run(slow.write(ok("x"), { took: 2500 }).events).exchanges;
  assert.deepEqual([served?.responseStart, served?.duration], [501, 3001]);
});
