/** A run's end is no connection's end: what goes on is seen in the next run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Capture, Script } from "./script.ts";

const get = (target: string) => `GET ${target} HTTP/1.1\r\n\r\n`;
const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("a connection kept alive over the end of a run is seen in the next, though nobody saw it between", () => {
  const mutes: unknown[] = [];
  const capture = new Capture({ mute: (...what) => mutes.push(what) });
  const script = new Script();
  const play = () => script.events.splice(0).forEach((event) => capture.push(event));
  script.read(get("/first")).write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  play();
  capture.traffic.endRun(2000);
  script.write(" done").read(get("/between")).write(answer);
  script.events.length = 0;
  script.read(get("/second")).write(answer);
  play();
  const seen = [1, 2].map((id) => capture.traffic.exchange(id));
  assert.deepEqual(
    seen.map((exchange) => [exchange?.request?.target, exchange?.state]),
    [
      ["/first", "stopped"],
      ["/second", "complete"],
    ],
  );
  const unmuted = ["in", "out"].map((direction) => [1, direction, "none"]);
  assert.deepEqual(mutes.slice(-2), unmuted, "what the last run had enough of is copied again");
});

test("a connection that could not be read counts once in each run, not twice in the second", () => {
  const capture = new Capture();
  const script = new Script();
  const moveUnread = () => {
    script.read("x".repeat(100), { holes: [[0, 100]], reason: "spliced" });
    for (const event of script.events.splice(0)) capture.push(event);
  };
  moveUnread();
  capture.traffic.endRun(2000);
  moveUnread();
  assert.equal(capture.traffic.splicedConnections, 1);
});

test("a connection that the kernel side tells of again begins anew: its halves are not joined, nor muted", () => {
  const mutes: unknown[] = [];
  const capture = new Capture({ mute: (...what) => mutes.push(what) });
  const script = new Script();
  const again = script.events.map((event) => ({ ...event }));
  script.read(get("/first")).write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  script.events.push(...again);
  script.read(get("/second")).write(answer);
  for (const event of script.events) capture.push(event);
  const seen = [1, 2].map((id) => capture.traffic.exchange(id));
  assert.deepEqual(
    seen.map((exchange) => [exchange?.request?.target, exchange?.state]),
    [
      ["/first", "lost"],
      ["/second", "complete"],
    ],
  );
  assert.deepEqual(
    mutes.slice(-2),
    ["in", "out"].map((direction) => [1, direction, "none"]),
  );
});
