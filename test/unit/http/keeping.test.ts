/** What counts as HTTP, what of it is kept, and what of that is given. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { get, ok } from "./messages.ts";
import { Capture, run, Script } from "./script.ts";

test("what isn't HTTP is counted once, and may turn out to be", () => {
  const tls = "\x16\x03\x01" + "x".repeat(50);
  const script = new Script().write(tls).read(tls).write(tls);
  const { traffic } = run(script.events);
  assert.deepEqual(traffic.otherConnections, { TLS: 1 });
  assert.deepEqual(run(script.write(get("/")).read(ok("x")).events).traffic.otherConnections, {});
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

test("while they are held twice as many are kept, and what is too much goes when the last hold ends", () => {
  const script = new Script();
  for (let i = 0; i < 9; i++) script.read(get(`/${i}`)).write(ok("x"));
  const capture = new Capture({ maxExchanges: 3 });
  const { traffic } = capture;
  traffic.hold(true);
  traffic.hold(true);
  for (const event of script.events) capture.push(event);
  assert.equal(traffic.kept, 6);
  traffic.hold(false);
  assert.equal(traffic.kept, 6);
  traffic.hold(false);
  assert.deepEqual(traffic.takeChanges(9), { changed: [7, 8, 9], dropped: [] });
  traffic.hold(false);
  traffic.hold(true);
  for (const event of new Script().read(get("/late")).write(ok("x")).events) capture.push(event);
  assert.equal(traffic.kept, 4, "a hold too many that ended counts for nothing");
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
