import assert from "node:assert/strict";
import { test } from "node:test";
import { Arrivals } from "../../../helper/exchanges/arrivals.ts";
import { run, Script } from "./script.ts";

test("a body that comes in parts tells when each came", () => {
  const script = new Script().read("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  script.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  script.write("5\r\nfirst\r\n").write("6\r\nsecond\r\n").write("0\r\n\r\n");
  const body = run(script.events).exchanges[0]?.response?.body;
  assert.deepEqual(body?.arrivals, [
    [0, 2],
    [5, 3],
  ]);
});

test("of a body that comes in very many parts the times stay few, in order, and spread over all of it", () => {
  const arrivals = new Arrivals(0, 5000);
  for (let i = 1; i < 100_000; i++) arrivals.note(i * 10, 5000 + i * 3);
  const notes = arrivals.since(5000);
  assert.ok(notes.length > 256 && notes.length <= 1024, String(notes.length));
  assert.deepEqual(notes[0], [0, 0]);
  const gaps = notes.slice(1).map(([, time], i) => time - notes[i]![1]);
  assert.ok(Math.max(...gaps) <= 4 * (300_000 / notes.length), String(Math.max(...gaps)));
  for (const [start, time] of notes) assert.equal(time, (start / 10) * 3);
});

test("a body that comes at once has no times of its own", () => {
  const script = new Script().read("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  script.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  assert.equal(run(script.events).exchanges[0]?.response?.body.arrivals, undefined);
});

test("in a WebSocket each side's only message has its time, so that who spoke first stands first", () => {
  const script = new Script().read("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  script
    .write("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n")
    .write("\x81\x02hi")
    .read("\x81\x80abcd");
  const exchange = run(script.events).exchanges[0];
  assert.deepEqual(exchange?.response?.body.arrivals, [[0, 2]]);
  assert.deepEqual(exchange?.request?.body.arrivals, [[0, 3]]);
});
