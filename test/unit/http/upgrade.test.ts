/** What comes on a connection after the two sides have agreed on another protocol. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Capture, run, Script } from "./script.ts";

const upgrade =
  "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const hello = "\x81\x05hello";
const masked = "\x81\x82\x01\x02\x03\x04ik";

/** Both bodies, and how far it is. */
function seen(script: Script): string[] {
  const { exchanges, body } = run(script.events);
  return exchanges.map(
    ({ state, response }, i) =>
      `${state} ${response?.status ?? "-"} ${body(i, "request")} | ${body(i, "response")}`,
  );
}

test("what both sides send after a 101 are the exchange's bodies, live, up to both FINs", () => {
  const script = new Script().read(upgrade).write(switching + hello);
  assert.deepEqual(seen(script), [`in-flight 101  | ${hello}`]);
  script.read(masked).write(hello);
  assert.deepEqual(seen(script), [`in-flight 101 ${masked} | ${hello}${hello}`]);
  script.end("out").end("in");
  assert.deepEqual(seen(script), [`complete 101 ${masked} | ${hello}${hello}`]);
});

test("what was moved in an upgraded connection that is broken off, or outlives the capture", () => {
  const broken = new Script().read(upgrade).write(switching).read(masked).abort();
  assert.deepEqual(seen(broken), [`reset 101 ${masked} | `]);
  const capture = new Capture();
  for (const event of new Script().read(upgrade).write(switching + hello).events) capture.push(event);
  capture.traffic.end(2000);
  const exchange = capture.traffic.exchange(1);
  assert.deepEqual([exchange?.state, exchange?.response?.body.end], ["stopped", "stopped"]);
});

test("a client's first message that is told before the 101 which it follows is none of HTTP", () => {
  const whole = new Script().read(upgrade).read(masked).write(switching).write(hello);
  assert.deepEqual(seen(whole), [`in-flight 101 ${masked} | ${hello}`]);
  // In one call with the request: a client that counts on it.
  const atOnce = new Script().read(upgrade + masked).write(switching);
  assert.deepEqual(seen(atOnce), [`in-flight 101 ${masked} | `]);
});

test("a refused upgrade leaves the connection to HTTP, also what came before the refusal", () => {
  const next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
  const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const script = new Script().read(upgrade).read(next).write(ok).write(ok);
  assert.deepEqual(seen(script), ["complete 200  | ok", "complete 200  | ok"]);
});

test("a request behind one that asks for an upgrade is shown, though neither is answered before the end", () => {
  const next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
  const { exchanges } = run(new Script().read(upgrade).read(next).close().events);
  assert.deepEqual(
    exchanges.map(({ request }) => request?.target),
    ["/ws", "/next"],
  );
});

test("several requests that ask for an upgrade, and the client's end, wait in vain for an answer: they are shown then", () => {
  const next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
  const script = new Script().read(upgrade + upgrade + next).end("in");
  const capture = new Capture();
  for (const event of script.events.splice(0)) capture.push(event);
  capture.traffic.expire(script.time + 1000);
  assert.equal(capture.traffic.inFlight, 3);
  for (const event of script.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").events)
    capture.push(event);
  assert.deepEqual([capture.traffic.inFlight, capture.body(1, "response")], [2, "ok"]);
});

test("the last bytes of a body without an end are kept, and those before are said to be given up", () => {
  const script = new Script().read(upgrade).write(switching);
  for (let i = 0; i < 300; i++) script.write(String(i % 10).repeat(1000));
  const capture = new Capture({ maxBody: 100_000 });
  for (const event of script.events) capture.push(event);
  const body = capture.traffic.exchange(1)?.response?.body;
  assert.equal(body?.size, 300_000);
  assert.equal(body?.missing.length, 1);
  const { start, end, reason } = body!.missing[0]!;
  assert.deepEqual([start, reason], [0, "evicted"]);
  assert.ok(end >= 250_000 && end <= 275_000, String(end));
  assert.equal(capture.body(1, "response", 299_998), "99");
});

test("through a tunnel HTTP is HTTP", () => {
  const script = new Script()
    .read("CONNECT a:80 HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 200 OK\r\n\r\n")
    .read("GET /inside HTTP/1.1\r\nHost: a\r\n\r\n")
    .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  assert.deepEqual(seen(script), ["complete 200  | ", "complete 200  | ok"]);
});

test("responses before the final one, with their times", () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  const script = new Script().read("GET / HTTP/1.1\r\nHost: a\r\n\r\n").write(hints);
  const early = run(script.events).exchanges[0];
  assert.deepEqual(early?.interim, [
    { status: 103, statusText: "Early Hints", headers: [["Link", "</a.css>"]], time: 1 },
  ]);
  assert.equal(early?.response, undefined);
  const [whole] = run(script.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").events).exchanges;
  assert.deepEqual([whole?.interim?.length, whole?.response?.status, whole?.responseStart], [1, 200, 2]);
});
