/** A real conversation over WebSockets, captured, saved, opened again, and read. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Har } from "har-format";
import { readSocket } from "../../content/node/websocket.ts";
import { MemoryBytes } from "../../recording/bytes.ts";
import { Reader } from "../../recording/reader.ts";
import { root } from "../../scripts/paths.mjs";
import { tinytap } from "./tinytap.ts";

/** Both ends in one process. Its two sides are two exchanges: what the server saw, and what the client did. */
const program = `
const { WebSocket, WebSocketServer } = require(${JSON.stringify(join(root, "node_modules/ws"))});
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: process.argv[1] === "deflated" && { threshold: 0 } });
server.on("connection", (socket) => socket.on("message", (data) => socket.send("echo " + data)));
server.on("listening", () => {
  const client = new WebSocket("ws://127.0.0.1:" + server.address().port + "/chat");
  let count = 0;
  const say = () => (count++ < 20 ? client.send("message " + count + " " + "x".repeat(count * 500)) : client.close(1000, "done"));
  client.on("open", say);
  client.on("message", say);
  client.on("close", () => server.close());
});`;

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), "tinytap-websocket-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const kind of ["plain", "deflated"])
  test(`a WebSocket, ${kind}: each side's messages, both ways, in their order and with their times`, async () => {
    const file = join(folder, `${kind}.har`);
    const { code, words } = tinytap(
      ...["capture", "--format", "har", "--output", file],
      ...["--", process.execPath, "-e", program, kind],
    );
    assert.equal(code, 0, words);
    assert.match(words, /2 exchanges, 0 in flight, .*nothing lost/);
    const reader = await Reader.open(new MemoryBytes(readFileSync(file)));
    assert.equal(reader.exchanges.length, 2);
    const { log }: Har = JSON.parse(readFileSync(file, "utf8"));
    for (const { _resourceType, _webSocketMessages: saved } of log.entries) {
      assert.equal(_resourceType, "websocket");
      const texts = saved?.filter(({ opcode }) => opcode === 1) ?? [];
      assert.deepEqual(
        texts.map(({ type, data }) => `${type} ${data.length}`),
        Array.from({ length: 40 }, (_, i) => {
          const said = `message ${1 + (i >> 1)} `.length + (1 + (i >> 1)) * 500;
          return i % 2 === 0 ? `send ${said}` : `receive ${said + "echo ".length}`;
        }),
      );
      assert.ok(texts.every(({ time }) => Math.abs(time * 1000 - Date.now()) < 300_000));
    }
    for (const { id } of reader.exchanges) {
      const exchange = await reader.exchange(id);
      assert.ok(exchange !== null);
      assert.equal(exchange.response?.status, 101);
      const { messages, notes } = await readSocket(exchange, (side, start, end) =>
        reader.body({ id, side, start, end }),
      );
      assert.deepEqual(notes, []);
      const texts = messages.filter(({ kind }) => kind === "text");
      assert.equal(texts.length, 40);
      for (const [i, { from, text = "", fault }] of texts.entries()) {
        const said = `message ${1 + (i >> 1)} ${"x".repeat((1 + (i >> 1)) * 500)}`;
        assert.deepEqual(
          [from, text, fault],
          i % 2 === 0 ? ["client", said, undefined] : ["server", `echo ${said}`, undefined],
        );
      }
      const times = messages.map(({ time }) => time ?? -1);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      assert.ok(times.every((time) => time >= 0));
      const closes = messages.filter(({ kind }) => kind === "close");
      assert.deepEqual(
        closes.map(({ code, text }) => `${code} ${text}`),
        ["1000 done", "1000 done"],
      );
    }
  });
