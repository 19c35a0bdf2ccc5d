/** Where bodies end, and what of them is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chunked, get, ok, outline } from "./messages.ts";
import { run, Script } from "./script.ts";

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

test("bodies until the connection's end", () => {
  const script = new Script()
    .read(get("/"))
    .write("HTTP/1.0 200 OK\r\n\r\nsome")
    .write(" more")
    .end("out")
    .close();
  assert.deepEqual(outline(script), ["complete / 200 some more"]);
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
