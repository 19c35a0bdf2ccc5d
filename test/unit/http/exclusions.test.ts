/** Requests that are not captured: which ones, and that nothing of them is kept, told or counted as lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Exclusions } from "../../../helper/exchanges/exclusions.ts";
import { growth } from "../growth.ts";
import { get, ok } from "./messages.ts";
import { begun, data, endStream, request, response } from "../http2/conversation.ts";
import { Capture, Script } from "./script.ts";

const cases: [pattern: string, host: string, target: string, expected: boolean][] = [
  ["/healthz", "shop", "/healthz?full=1", true],
  ["/healthz", "shop", "/healthz/db", false],
  ["/health*", "shop", "/healthcare", true],
  ["/a+b", "shop", "/aab", false],
  ["/HEALTHZ", "shop", "/healthz", false],
  ["telemetry.example", "Telemetry.Example:443", "/any", true],
  ["telemetry.example", "telemetry-example", "/any", false],
  ["telemetry.example", "my.telemetry.example", "/any", false],
  ["*.example", "my.telemetry.example", "/any", true],
  ["localhost:9090", "localhost:9090", "/", true],
  ["localhost:9090", "localhost:8080", "/", false],
  ["localhost:9090/metrics*", "localhost:9090", "/metrics/cpu", true],
  ["localhost:9090/metrics*", "localhost:9090", "/api", false],
  ["/a*b*b", "shop", "/a-b", false],
  ["/a*b*c", "shop", "/a-c-b-c", true],
  ["/a*a", "shop", "/a", false],
  ["proxied.example/x", "proxy:3128", "http://proxied.example/x?y", true],
  ["/x", "proxy:3128", "http://proxied.example/x", true],
  [" ", "shop", "/", false],
];
for (const [pattern, host, target, expected] of cases)
  test(`"${pattern}" ${expected ? "excludes" : "does not exclude"} ${target} of ${host}`, () => {
    assert.equal(new Exclusions([pattern]).has({ target, headers: [["HOST", host]] }), expected);
  });

test("headers are taken apart only for a pattern that asks for a host", () => {
  const asked = {
    target: "/healthz",
    get headers(): never {
      throw new Error("they were asked for");
    },
  };
  assert.equal(new Exclusions([]).has(asked), false);
  assert.equal(new Exclusions(["/healthz"]).has(asked), true);
});

test("a target that is made for many stars costs no more than its length", () => {
  const exclusions = new Exclusions([`/${"*a".repeat(6)}*b`]);
  const ask = (length: number) => exclusions.has({ target: `/${"a".repeat(length)}`, headers: [] });
  assert.ok(growth(ask, 2000, 20) < 10);
});

test("what is left out has no row, no id, no byte and no place among the losses; its connection goes on", () => {
  const capture = new Capture();
  const { traffic } = capture;
  traffic.exclude = ["/healthz"];
  const large = "x".repeat(20_000);
  const script = new Script();
  for (const target of ["/healthz", "/one", "/healthz", "/two"]) script.read(get(target)).write(ok(large));
  script.read(get("/healthz"));
  for (const event of script.events) capture.push(event);
  capture.endBatch();
  const { changed } = traffic.takeChanges(100);
  assert.deepEqual(
    changed.map((id) => [id, traffic.exchange(id)?.request?.target, capture.body(id, "response")]),
    [
      [1, "/one", large],
      [2, "/two", large],
    ],
  );
  assert.deepEqual(
    [traffic.exchanges, traffic.inFlight, traffic.kept, traffic.excluded, traffic.unpaired],
    [2, 0, 2, 3, 0],
  );
  const used = traffic.memory.used;
  script.write(ok(large)).read(get("/healthz")).write(ok(large));
  for (const event of script.events.slice(-3)) capture.push(event);
  traffic.clear();
  capture.endBatch();
  assert.ok(traffic.memory.used < used);
  traffic.exclude = [];
  const next = script.events.length;
  script.read(get("/healthz")).write(ok("z"));
  for (const event of script.events.slice(next)) capture.push(event);
  assert.equal(traffic.exchange(3)?.request?.target, "/healthz", "another run may want it");
});

for (const bodies of ["kept", "hashed", "counted"] as const)
  test(`what is left out settles too, with bodies ${bodies}`, async () => {
    const capture = new Capture({ bodies, handsOver: true });
    capture.traffic.exclude = ["/healthz"];
    const script = new Script().read(get("/healthz")).write(ok("up")).read(get("/x")).write(ok("it"));
    for (const event of script.close().events) capture.push(event);
    await capture.traffic.settled();
    const { exchanges } = capture.traffic.takeFinished(10);
    assert.deepEqual(
      [exchanges.map(({ request }) => request?.target), capture.traffic.excluded],
      [["/x"], 1],
    );
  });

test("streams of HTTP/2 and WebSockets are left out alike", () => {
  const capture = new Capture();
  capture.traffic.exclude = ["/healthz"];
  const streams = begun()
    .read(request(1, "/healthz", endStream))
    .read(request(3, "/x", endStream));
  streams.write(
    Buffer.concat([response(1), response(3), data(1, "up", endStream), data(3, "it", endStream)]),
  );
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const socket = new Script(2).read(get("/healthz", upgrade));
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`).write("x".repeat(10_000)).read("frames");
  for (const event of [...streams.close().events, ...socket.close().events]) capture.push(event);
  const { changed } = capture.traffic.takeChanges(10);
  assert.deepEqual(
    changed.map((id) => [capture.traffic.summary(id)?.target, capture.body(id, "response")]),
    [["/x", "it"]],
  );
  assert.deepEqual([capture.traffic.excluded, capture.traffic.inFlight], [2, 0]);
});
