/** An exchange from its first byte to its end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, ok, outline } from "./messages.ts";
import { Capture, run, Script } from "./script.ts";

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
    remote: "127.0.0.1:50000",
    state: "in-flight",
    start: 1001,
    responseStart: 1,
    method: "GET",
    target: "/slow",
    host: "a",
    status: 200,
    contentType: "text/plain",
    requestSize: 0,
    size: 4,
    missing: 0,
  });
  traffic.push({ kind: "closed", connection: 1, time: 1010, numbers: script.seq, reset: undefined });
  assert.deepEqual(traffic.takeChanges(9), { changed: [1], dropped: [] });
  assert.deepEqual(traffic.exchange(1)?.response?.body.missing, [{ start: 4, end: 9, reason: "never-sent" }]);
  assert.equal(traffic.exchange(1)?.state, "reset");
});

test("pipelined requests are answered in order", () => {
  const script = new Script()
    .read(get("/1") + get("/2") + get("/3"))
    .write(ok("one") + ok("two"))
    .write(ok("three"));
  assert.deepEqual(outline(script), ["complete /1 200 one", "complete /2 200 two", "complete /3 200 three"]);
});

test("a request without a response is broken when the connection ends", () => {
  assert.deepEqual(outline(new Script().read(get("/")).end("in")), ["in-flight / - "]);
  assert.deepEqual(outline(new Script().read(get("/")).close()), ["closed / - "]);
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
