/** How exchanges and bodies end, also where the record that says so was lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Capture, run, Script, type ScriptEvent } from "./script.ts";

const get = "GET / HTTP/1.1\r\n\r\n";
const untilClose = "HTTP/1.1 200 OK\r\n\r\nhello";

/** Of the first exchange: its state, its response's end and size, and what is missing. */
function ending(events: readonly ScriptEvent[]): unknown[] {
  const { exchanges } = run(events);
  const { state, response } = exchanges[0]!;
  return [state, response?.body.end, response?.body.size, response?.body.missing];
}

test("a body that ends with its connection is whole only by a FIN", () => {
  const script = () => new Script().read(get).write(untilClose);
  assert.deepEqual(ending(script().end("out").events), ["complete", "complete", 5, []]);
  assert.deepEqual(ending(script().close().events), ["complete", "complete", 5, []]);
  assert.deepEqual(ending(script().end("in").abort().events), ["closed", "closed", 5, []]);
  assert.deepEqual(ending(script().abort().events), ["reset", "reset", 5, []]);
});

test("a FIN in one direction doesn't make a reset of the connection an orderly end", () => {
  const asClient = () => new Script().write(get).end("out").read(untilClose);
  assert.deepEqual(ending(asClient().abort(true).events), ["reset", "reset", 5, []]);
  assert.deepEqual(ending(asClient().abort(false).events), ["closed", "closed", 5, []]);
  const asServer = () => new Script().read(get).end("in").write(untilClose);
  assert.deepEqual(ending(asServer().abort(true).events), ["reset", "reset", 5, []]);
  // What the program had written and ended is whole, whoever got it.
  assert.deepEqual(ending(asServer().end("out").abort(true).events), ["complete", "complete", 5, []]);
});

test("an end without a FIN is no reset where the kernel says so", () => {
  const left = new Script().write(get).read(untilClose);
  assert.deepEqual(ending(left.abort(false).events), ["closed", "closed", 5, []]);
});

test("over AF_UNIX the program's close ends what it sent, and not what it would have read", () => {
  const onUnix = (events: ScriptEvent[]) =>
    events.map((event) => (event.kind === "opened" ? { ...event, local: "unix", remote: "unix" } : event));
  const served = new Script().read(get).write(untilClose).abort();
  assert.deepEqual(ending(onUnix(served.events)), ["complete", "complete", 5, []]);
  const left = new Script().write(get).read(untilClose).abort();
  assert.deepEqual(ending(onUnix(left.events)), ["closed", "closed", 5, []]);
});

test("the capture's end is nobody's fault, and completes nothing", () => {
  for (const response of ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", untilClose]) {
    const capture = new Capture();
    const script = new Script().read(get);
    if (response !== "") script.write(response);
    for (const event of script.events) capture.push(event);
    capture.traffic.end(2000);
    const exchange = capture.traffic.exchange(1);
    assert.equal(exchange?.state, "stopped");
    if (response !== "") assert.equal(exchange.response?.body.end, "stopped");
    for (const { reason } of exchange.response?.body.missing ?? []) assert.equal(reason, "after-capture");
  }
});

test("what the numbers of the end say is missing was lost, not never sent", () => {
  const script = new Script().read(get).write("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nabcd");
  script.seq.out += 5; // moved, but its records were lost
  assert.deepEqual(ending(script.close().events), [
    "closed",
    "closed",
    12,
    [
      { start: 4, end: 9, reason: "ring-full" },
      { start: 9, end: 12, reason: "never-sent" },
    ],
  ]);
  const whole = new Script().read(get).write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd");
  whole.seq.out += 5;
  assert.deepEqual(ending(whole.abort().events), [
    ...["complete", "complete", 9],
    [{ start: 4, end: 9, reason: "ring-full" }],
  ]);
});

test("a call that is reported after the FIN that another thread sent belongs to its message", () => {
  for (const rest of ["cdef", ""]) {
    const script = new Script().read(get).write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab");
    const number = (script.seq.out + 4) >>> 0;
    const capture = new Capture();
    const numbers = { in: script.seq.in, out: number };
    script.events.push({ kind: "ended", connection: 1, direction: "out", time: ++script.time, numbers });
    if (rest !== "") script.write(rest);
    for (const event of script.events) capture.push(event);
    if (rest === "") assert.equal(capture.traffic.exchange(1)?.state, "in-flight");
    capture.traffic.expire(script.time + 1000);
    assert.equal(capture.traffic.exchange(1)?.state, "complete");
    assert.deepEqual(
      capture.traffic.exchange(1)?.response?.body.missing,
      rest === "" ? [{ start: 2, end: 6, reason: "ring-full" }] : [],
    );
  }
});

test("a new connection of the same addresses ends the one whose end was lost", () => {
  const capture = new Capture();
  const states = () => [1, 2].map((id) => capture.traffic.exchange(id)?.state);
  const open = (connection: number, netns: number) => {
    for (const event of new Script(connection).read(get).events)
      capture.push(event.kind === "opened" ? { ...event, netns, remote: "127.0.0.1:9" } : event);
  };
  open(1, 7);
  open(2, 8);
  assert.deepEqual(states(), ["in-flight", "in-flight"], "another network's addresses are others");
  open(3, 7);
  assert.deepEqual(states(), ["lost", "in-flight"]);
});

test("no time runs backwards; the wall clock may be set", () => {
  let offset = 1e6;
  const capture = new Capture({ wallClockOffset: () => offset });
  const script = new Script().read(get);
  script.time -= 50; // the records of two CPUs
  script.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  for (const event of script.events.splice(0)) capture.push(event);
  offset = 5e6;
  for (const event of script.read(get).events) capture.push(event);
  const [first, second] = [1, 2].map((id) => capture.traffic.exchange(id)!);
  assert.equal(first?.duration, 0);
  assert.ok(first.start < 1_002_000 && second!.start > 5_000_000);
});
