/** A thousand a second by HTTP/2, gRPC and WebSocket: each exchange, call and message is there, and is what was sent. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Har } from "har-format";
import { root } from "../../scripts/paths.mjs";
import { Capture } from "../kernel/harness/capture.ts";
import type { Received } from "../kernel/harness/client.ts";
import { nothingShort, shortfall } from "../kernel/harness/compare.ts";
import { askGo, callGrpc, perSecond, seconds } from "../kernel/harness/rates.ts";
import { executable, freePort } from "../kernel/harness/servers.ts";
import { ensureGrpcServer } from "../servers/build.ts";
import { eventually } from "./eventually.ts";
import { tinytap } from "./tinytap.ts";

async function expectAll(capture: Capture, received: readonly Received[]): Promise<void> {
  assert.equal(received.length, perSecond * seconds);
  const { lines, tally } = await capture.stop();
  assert.deepEqual(shortfall(lines, received), nothingShort, tally);
  assert.equal(lines.length, received.length, tally);
  assert.match(tally, /, 0 in flight, .*nothing lost$/);
}

test("HTTP/2 in clear, by Go's server: every exchange, and both bodies by hash", async () => {
  const port = await freePort();
  const command = [await executable("go"), `127.0.0.1:${port}`, "."];
  const capture = await Capture.start({ command, address: port, defaults: true });
  try {
    const received = await askGo(port);
    await expectAll(capture, received);
  } finally {
    await capture.stop();
  }
});

test("gRPC, by grpc-go's server: every call, and both messages by hash", async () => {
  const capture = await Capture.start({ command: [await ensureGrpcServer(), "-serve"], defaults: true });
  try {
    const address = () => /"127\.0\.0\.1:(\d+)"/.exec(capture.errors)?.[1];
    await eventually(() => address() !== undefined);
    const received = await callGrpc(Number(address()));
    assert.ok(received.every(({ body }) => body.size > 0));
    await expectAll(capture, received);
  } finally {
    await capture.stop();
  }
});

/** Both ends in one process: several sockets, on which each message is answered. Says what was said on each. */
const sockets = `
const { WebSocket, WebSocketServer } = require(${JSON.stringify(join(root, "node_modules/ws"))});
const [perSecond, seconds] = process.argv.slice(1).map(Number);
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("connection", (socket) => socket.on("message", (data) => socket.send("echo " + data)));
server.on("listening", async () => {
  const all = Array.from({ length: 5 }, (_, i) => new WebSocket("ws://127.0.0.1:" + server.address().port + "/" + i));
  await Promise.all(all.map((socket) => new Promise((done) => socket.on("open", done))));
  let answered = 0, said = 0;
  const began = performance.now();
  for (const socket of all) socket.on("message", () => {
    if (++answered === perSecond * seconds) { for (const each of all) each.close(); server.close(); }
  });
  const timer = setInterval(() => {
    const due = Math.min((performance.now() - began) * perSecond / 1000, perSecond * seconds);
    for (; said < due; said++) all[said % 5].send(said + " " + "x".repeat(said % 1500));
    if (said === perSecond * seconds) clearInterval(timer);
  }, 1);
});`;

test("WebSockets: every message of both sides, in its order, as both ends have it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-rates-"));
  try {
    const file = join(folder, "sockets.har");
    const { code, words } = tinytap(
      ...["capture", "--format", "har", "--output", file],
      ...["--", process.execPath, "-e", sockets, String(perSecond), String(seconds)],
    );
    assert.equal(code, 0, words);
    assert.match(words, /10 exchanges, 0 in flight, .*nothing lost/);
    const { log }: Har = JSON.parse(readFileSync(file, "utf8"));
    assert.equal(log.entries.length, 10);
    for (const { request, _webSocketMessages } of log.entries) {
      const saved = _webSocketMessages ?? [];
      const first = Number(new URL(request.url).pathname.slice(1));
      const own = Array.from({ length: (perSecond * seconds) / 5 }, (_, i) => first + 5 * i);
      const texts = own.map((number) => `${number} ${"x".repeat(number % 1500)}`);
      const told = (type: string) =>
        saved.filter((each) => each.type === type && each.opcode === 1).map(({ data }) => data);
      assert.deepEqual(told("send"), texts);
      assert.deepEqual(
        told("receive"),
        texts.map((text) => `echo ${text}`),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
