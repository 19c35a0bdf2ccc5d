import assert from "node:assert/strict";
import { test } from "node:test";
import { run, Script } from "./script.ts";

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test("an exchange of a server: heads, body, times, process", () => {
  const script = new Script().read(get("/a?b=c")).write(ok("hello"));
  const { exchanges, body, traffic } = run(script.events, { wallClockOffset: 500 });
  assert.equal(exchanges.length, 1);
  const [exchange] = exchanges;
  assert.deepEqual(exchange, {
    id: 1,
    pid: 42,
    process: "process-42",
    role: "server",
    local: "127.0.0.1:8080",
    remote: "127.0.0.1:50000",
    state: "complete",
    start: 1501,
    duration: 1,
    request: {
      method: "GET",
      target: "/a?b=c",
      version: "HTTP/1.1",
      headers: [["Host", "a"]],
      body: { size: 0, complete: true, ranges: [], missing: [] },
    },
    response: {
      status: 200,
      statusText: "OK",
      version: "HTTP/1.1",
      headers: [["Content-Length", "5"]],
      body: { size: 5, complete: true, ranges: [{ start: 0, end: 5, source: "write" }], missing: [] },
    },
  });
  assert.equal(body(0, "response"), "hello");
  assert.equal(traffic.exchanges, 1);
  assert.equal(traffic.inFlight, 0);
});

test("an exchange of a client", () => {
  const { exchanges } = run(new Script().write(get("/")).read(ok("x")).events);
  assert.equal(exchanges[0]?.role, "client");
  assert.equal(exchanges[0]?.state, "complete");
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
