/** What is kept of bodies, what is given up when memory runs short, and what the client hears of it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Capture, Script, type Options, type ScriptEvent } from "./script.ts";

const mebibyte = 1 << 20;
const get = (target: string) => `GET ${target} HTTP/1.1\r\n\r\n`;
const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

/** Pushes everything; what nobody holds is overwritten after each event. */
function feed(capture: Capture, events: readonly ScriptEvent[]): void {
  for (const event of events) {
    capture.push(event);
    capture.endBatch();
  }
}

/** Exchanges on one connection, each with a response of so many bytes, all of them the digit of its index. */
function exchangesOf(sizes: readonly number[], options: Options = {}): Capture {
  const capture = new Capture({ maxBody: 64 * mebibyte, ...options });
  const script = new Script();
  for (const [i, size] of sizes.entries()) add(script, i, size);
  feed(capture, script.events);
  return capture;
}

function add(script: Script, index: number, size: number): void {
  script.read(get(`/${index}`)).write(head(size));
  for (let left = size; left > 0; left -= 65_536)
    script.write(String(index % 10).repeat(Math.min(left, 65_536)));
}

/** The reasons for which bytes of each response are missing. */
function missing(capture: Capture): string[] {
  // Ids count them, from 1.
  return Array.from({ length: capture.traffic.kept }, (_, i) => capture.traffic.exchange(i + 1)).map(
    (exchange) => exchange?.response?.body.missing.map(({ reason }) => reason).join() ?? "",
  );
}

test("memory runs short: the oldest large bodies go first, by name, and small ones stay", () => {
  const capture = exchangesOf([100_000, ...Array<number>(20).fill(2 * mebibyte), 5000], { memory: 16 });
  const reasons = missing(capture);
  const gone = reasons.findLastIndex((reason) => reason === "evicted");
  assert.ok(gone > 10 && gone < 20, `${gone}`);
  assert.deepEqual(reasons.slice(0, gone + 1), Array(gone + 1).fill("evicted"));
  assert.deepEqual(reasons.slice(gone + 1), Array(reasons.length - gone - 1).fill(""));
  for (const [i, reason] of reasons.entries())
    if (reason === "" && i <= 20)
      assert.ok(capture.body(i + 1, "response") === String(i % 10).repeat(2 * mebibyte), `body ${i}`);
  assert.deepEqual(capture.traffic.exchange(1)?.response?.body.missing, [
    { start: 0, end: 100_000, reason: "evicted" },
  ]);
});

test("small bodies are copied, and hold no slab", () => {
  const capture = exchangesOf(Array<number>(400).fill(4000), { memory: 4 });
  assert.deepEqual(new Set(missing(capture)), new Set([""]));
  assert.equal(capture.memory.slabs.held, 0);
  assert.equal(capture.body(7, "response"), "6".repeat(4000));
});

test("the small beginning of a large body is copied alone, without room for what comes", () => {
  const capture = new Capture({ memory: 16 });
  feed(capture, new Script().read(get("/")).write(head(22_000)).write("b".repeat(512)).events);
  // Slabs count as whole ones.
  assert.equal(capture.traffic.memory.used % mebibyte, 512);
});

test("a pinned exchange keeps its bodies, until it is unpinned; pins are bounded", () => {
  const capture = exchangesOf([2 * mebibyte], { memory: 16 });
  assert.equal(capture.traffic.pin(1, true), true);
  assert.equal(capture.traffic.memory.pinned, 2 * mebibyte);
  const script = new Script(2);
  for (let i = 1; i < 30; i++) add(script, i, mebibyte);
  feed(capture, script.events);
  assert.ok(capture.body(1, "response") === "0".repeat(2 * mebibyte));
  assert.equal(missing(capture)[1], "evicted");
  assert.equal(capture.traffic.pin(1, false), false);
  assert.equal(capture.traffic.memory.pinned, 0);
  const more = new Script(3);
  for (let i = 1; i < 30; i++) add(more, i, mebibyte);
  feed(capture, more.events);
  assert.equal(missing(capture)[0], "evicted");
  assert.equal(capture.traffic.pin(99, true), false, "no such exchange");

  const large = exchangesOf([7 * mebibyte, 3 * mebibyte], { memory: 16 });
  assert.deepEqual([large.traffic.pin(1, true), large.traffic.pin(2, true)], [true, false]);
});

test("bodies in flight can't take all of the memory either", () => {
  const capture = new Capture({ maxBody: 64 * mebibyte, memory: 16 });
  const script = new Script().read(get("/")).write(head(40 * mebibyte));
  for (let i = 0; i < 30 * 16; i++) script.write("x".repeat(65_536));
  feed(capture, script.events);
  const body = capture.traffic.exchange(1)?.response?.body;
  assert.equal(body?.size, 30 * mebibyte);
  assert.deepEqual(body.missing, [{ start: 0, end: 30 * mebibyte, reason: "evicted" }]);
});

test("bodies that are counted hold nothing; bodies that are hashed are given up", () => {
  for (const bodies of ["counted", "hashed"] as const) {
    const capture = exchangesOf(Array<number>(30).fill(mebibyte), { memory: 4, bodies });
    assert.equal(capture.memory.slabs.held, 0, bodies);
    const body = capture.traffic.exchange(30)?.response?.body;
    assert.equal(body?.size, mebibyte);
    assert.deepEqual(body.missing, []);
    assert.equal(body.ranges.length, bodies === "hashed" ? 1 : 0);
    const digest = createHash("sha256").update("9".repeat(mebibyte)).digest("hex");
    assert.equal(body.sha256, bodies === "hashed" ? digest : undefined);
  }
});

test("finished exchanges are handed over once, pinned until they are done with, and then forgotten", () => {
  const capture = exchangesOf([5000, 6000, 7000], { handsOver: true });
  const { traffic } = capture;
  const first = traffic.takeFinished(2);
  assert.deepEqual(
    first.exchanges.map(({ request }) => request?.target),
    ["/0", "/1"],
  );
  assert.equal(traffic.memory.pinned, 18_000);
  assert.equal(capture.body(1, "response").length, 5000);
  first.done();
  assert.equal(traffic.memory.pinned, 7000);
  assert.equal(traffic.exchange(1), undefined);
  const rest = traffic.takeFinished(9);
  assert.deepEqual(
    rest.exchanges.map(({ request }) => request?.target),
    ["/2"],
  );
  rest.done();
  assert.deepEqual(traffic.takeFinished(9).exchanges, []);
  assert.deepEqual([traffic.kept, capture.memory.slabs.held, traffic.memory.used], [0, 0, 0]);
});

test("nobody takes what is finished: the oldest are dropped, and counted; bodies that nobody took too", () => {
  const capture = exchangesOf(Array<number>(25).fill(mebibyte), {
    handsOver: true,
    maxExchanges: 20,
    memory: 16,
  });
  const { traffic } = capture;
  assert.equal(traffic.unseen, 5);
  // Half of the memory is pinned for them; the rest may be given up.
  assert.ok(traffic.evictedUnseen > 5, `${traffic.evictedUnseen}`);
  const { exchanges } = traffic.takeFinished(100);
  assert.equal(exchanges.length, 20);
  assert.equal(exchanges[0]?.request?.target, "/5");
  for (const { id, response } of exchanges) {
    const whole = response?.body.missing.length === 0;
    assert.ok(whole || response?.body.missing[0]?.reason === "evicted");
    const bytes = whole ? String((id - 1) % 10) : "\0";
    assert.ok(capture.body(id, "response") === bytes.repeat(mebibyte), `${id}`);
  }
});

test("what changed last is sent first, and the rest follows; what was dropped meanwhile is never sent", () => {
  const capture = new Capture();
  const { traffic } = capture;
  const scripts = Array.from({ length: 10 }, (_, i) => new Script(i + 1).read(get(`/${i + 1}`)));
  for (const script of scripts) feed(capture, script.events.splice(0));
  assert.deepEqual(traffic.takeChanges(3), { changed: [8, 9, 10], dropped: [] });
  assert.deepEqual(traffic.takeChanges(3), { changed: [5, 6, 7], dropped: [] });
  // Those that were sent end, and so does one that was not.
  for (const script of scripts.slice(3, 10)) feed(capture, script.write(head(0)).events);
  assert.deepEqual(traffic.takeChanges(2), { changed: [9, 10], dropped: [] });
  traffic.clear();
  assert.deepEqual(traffic.takeChanges(9), { changed: [1, 2, 3], dropped: [5, 6, 7, 8, 9, 10] });
  assert.deepEqual([traffic.takeChanges(9), traffic.kept], [{ changed: [], dropped: [] }, 3]);
});

test("a body can't be read without what is missing of it", () => {
  const script = new Script()
    .read(get("/"))
    .write(head(9))
    .write("abcdefghi", { holes: [[3, 5]] });
  const capture = new Capture();
  feed(capture, script.events);
  const parts = capture.traffic
    .body(1, "response", 1, 8)
    .map((part) => ("bytes" in part ? { ...part, bytes: Buffer.from(part.bytes).toString() } : part));
  assert.deepEqual(parts, [
    { start: 1, end: 3, source: "write", bytes: "bc" },
    { start: 3, end: 5, reason: "no-source" },
    { start: 5, end: 8, source: "write", bytes: "fgh" },
  ]);
});

test("nobody wants the rest of a body of known length: the kernel hears up to where", () => {
  const heard: unknown[] = [];
  const options: Options = { maxBody: 1000, mute: (...what) => heard.push(what) };
  const script = new Script(1, { in: 0xfffffff0, out: 0xffffff00 }).read(get("/")).write(head(100_000));
  const capture = new Capture(options);
  feed(capture, script.events.splice(0));
  assert.deepEqual(heard, []);
  const end = (script.seq.out + 100_000) >>> 0;
  feed(capture, script.write("x".repeat(5000)).write("x".repeat(5000)).events);
  assert.deepEqual(heard, [[1, "out", "until", end]], "once, and across the wrap of the numbers");
  feed(capture, script.write("x".repeat(90_000)).events.slice(-1));
  assert.deepEqual(heard.slice(1), [[1, "out", "none", undefined]], "and when it is behind");

  heard.length = 0;
  feed(
    new Capture({ ...options, bodies: "counted" }),
    new Script().read(get("/")).write(head(100_000)).events,
  );
  assert.equal(heard.length, 1, "bodies that are only counted from their beginning on");
  const counted = new Capture({ bodies: "counted" });
  feed(
    counted,
    new Script()
      .read(get("/"))
      .write(head(9))
      .call("out", "x".repeat(9), { reason: "body-limit", holes: [[0, 9]] }).events,
  );
  const body = counted.traffic.exchange(1)?.response?.body;
  assert.deepEqual([body?.size, body?.missing, body?.end], [9, [], "complete"], "and lose nothing by it");
  heard.length = 0;
  feed(
    new Capture(options),
    new Script()
      .read(get("/"))
      .write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n${"x".repeat(9000)}`).events,
  );
  assert.deepEqual(heard, [], "never of a chunked one");
});

test("what isn't HTTP is muted but for the beginnings of calls, until it turns out to be; other ports wholly", () => {
  const heard: unknown[] = [];
  const mute: Options["mute"] = (connection, direction, what) =>
    heard.push(`${connection} ${direction} ${what}`);
  const tls = "\x16\x03\x01" + "x".repeat(100);
  feed(new Capture({ mute }), new Script().write(tls).read(get("/")).events);
  assert.deepEqual(heard, [], "that may be the rest of a body, and a head may come in the other direction");
  const script = new Script().write(tls).write("more").read(tls);
  feed(new Capture({ mute }), script.events);
  assert.deepEqual(heard, ["1 in other", "1 out other"]);
  heard.length = 0;
  feed(new Capture({ mute }), script.read(get("/")).events);
  assert.deepEqual(heard.slice(2), ["1 in none", "1 out none"]);
  heard.length = 0;
  feed(new Capture({ mute, ports: [80] }), script.events);
  assert.deepEqual(heard, ["1 in all", "1 out all"]);
});
