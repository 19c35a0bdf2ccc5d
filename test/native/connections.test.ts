/** What the kernel side tells of connections and calls: by a program in Python, as Node neither blocks nor disconnects. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import type { SeenEvent } from "./follower.ts";
import { Recorder } from "./recorder.ts";
import { reached, receive, sides, type Side } from "./sides.ts";

let recorder: Recorder;

before(() => {
  recorder = new Recorder();
});

after(() => recorder.close());

/** Runs Python that has `port`; gives what it said of its connections once `count` of them have been closed. */
async function connections(code: string, port: number, count: number): Promise<Side[]> {
  const script = `
import ctypes, socket, sys, time
sys.stdin.readline()
port = ${port}
${code}
sys.stdin.readline()`;
  const child = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "inherit", "inherit"] });
  const exited = once(child, "exit");
  new recorder.addon.Targets(recorder.loaded.targets).set(child.pid!, 1);
  child.stdin.write("\n");
  const events: SeenEvent[] = [];
  try {
    await eventually(async () => {
      events.push(...(await recorder.follower.events()));
      return events.filter(({ kind }) => kind === "closed").length >= count;
    });
  } finally {
    child.kill();
    await exited;
  }
  return sides(events);
}

test("a blocking call that sends tells when it began, one that receives when it ended", async () => {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0);
  await once(server, "listening");
  server.on("connection", (socket) => {
    void sleep(500).then(() => socket.resume());
    socket.on("end", () => void sleep(500).then(() => socket.end("done")));
  });
  const code = `
peer = socket.create_connection(("127.0.0.1", port))
peer.send(bytes(8 << 20))
peer.shutdown(socket.SHUT_WR)
while peer.recv(100): pass
peer.close()`;
  const [side] = await connections(code, (server.address() as AddressInfo).port, 1);
  server.close();
  const times = (direction: "in" | "out") =>
    side!.segments
      .filter((segment) => segment.direction === direction)
      .map(({ time, began }) => [time, began] as const);
  const sent = times("out");
  const begins = sent.map(([, began]) => began);
  assert.ok(Math.max(...begins) - Math.min(...begins) < 1, "all records of the call say the same");
  const [ended, began] = sent.at(-1)!;
  assert.ok(ended - began > 300 && began >= side!.opened.time - 1, `${began} to ${ended}`);
  assert.ok(times("in").length > 0);
  for (const [time, start] of times("in")) assert.equal(start, time);
});

test("a socket connected again is another connection, with a number of its own", async () => {
  const server = createServer((socket) => {
    socket.on("data", (data) => socket.write(data)).on("error", () => {}); // reset by the second connect
  }).listen(0);
  await once(server, "listening");
  const code = `
peer = socket.create_connection(("127.0.0.1", port))
def say(words):
    peer.send(words)
    peer.recv(100)
say(b"first")
ctypes.CDLL(None).connect(peer.fileno(), bytes(16), 16)
peer.connect(("127.0.0.1", port))
say(b"second")
peer.close()`;
  const both = await connections(code, (server.address() as AddressInfo).port, 2);
  server.close();
  assert.equal(both.length, 2);
  const [first, second] = both as [Side, Side];
  assert.notEqual(first.opened.local, second.opened.local);
  for (const [side, word] of [
    [first, "first"],
    [second, "second"],
  ] as const) {
    assert.deepEqual(
      side.segments.map(({ direction, bytes }) => [direction, Buffer.from(bytes).toString()]),
      [
        ["out", word],
        ["in", word],
      ],
    );
    for (const direction of ["in", "out"] as const)
      assert.equal(reached(side, direction, side.closed!.numbers[direction]), word.length);
  }
});

test("what was left unread makes no reset of a connection that both sides had ended before", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume().on("end", () => socket.end("unread"));
  }).listen(0);
  await once(server, "listening");
  const code = `
peer = socket.create_connection(("127.0.0.1", port))
peer.send(b"request")
peer.shutdown(socket.SHUT_WR)
while peer.recv(100, socket.MSG_PEEK) != b"unread": pass
time.sleep(0.2)
peer.close()`;
  const [side] = await connections(code, (server.address() as AddressInfo).port, 1);
  server.close();
  assert.equal(side?.closed?.reset, false);
});

for (const [family, host] of [
  ["IPv4", "127.0.0.1"],
  ["IPv6", "::1"],
  ["IPv4 within IPv6", "::ffff:127.0.0.1"],
] as const)
  test(`over ${family}, a connection tells who opened it, also one that was there before`, async () => {
    const both = await recorder.captured(
      0,
      async (client, server) => {
        client.write("request");
        await receive(server, "request".length);
        server.write("response");
        await receive(client, "response".length);
      },
      host,
    );
    assert.deepEqual(
      both.map(({ opened }) => opened.role),
      ["server", "client"],
    );
  });
