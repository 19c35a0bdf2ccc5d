/** A client, a proxy and a server behind it, all watched: each exchange is captured on both its ends, which know each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Line } from "../kernel/harness/capture.ts";
import { tinytap } from "./tinytap.ts";

interface Ended extends Line {
  id: number;
  otherEnd: number | null;
}

/** The server runs in a process of its own; requests go through the proxy several at a time, on connections that are kept. */
const http1 = `
const http = require("node:http");
const { spawn } = require("node:child_process");
const behind = \`
const server = require("node:http").createServer((request, response) =>
  request.resume().on("end", () => response.end(request.url)));
server.listen(0, "127.0.0.1", () => console.log(String(server.address().port)));\`;
const server = spawn(process.execPath, ["-e", behind], { stdio: ["ignore", "pipe", "inherit"] });
server.stdout.once("data", (text) => {
  const port = Number(text);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const proxy = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const options = { agent, port, host: "127.0.0.1", method, path: url, headers };
    request.pipe(http.request(options, (answer) => answer.pipe(response)));
  });
  proxy.listen(0, "::", async () => {
    const url = "http://127.0.0.1:" + proxy.address().port + "/";
    const ask = async (i) => (await fetch(url + i, { method: "POST", body: "x".repeat(i * 100) })).text();
    for (let i = 0; i < 40; i += 8) await Promise.all(Array.from({ length: 8 }, (_, each) => ask(i + each)));
    server.kill();
    process.exit();
  });
});`;

const http2 = `
const http2 = require("node:http2");
const server = http2.createServer((request, response) => request.resume().on("end", () => response.end(request.url)));
server.listen(0, "127.0.0.1", async () => {
  const session = http2.connect("http://127.0.0.1:" + server.address().port);
  const ask = (i) => new Promise((resolve) => {
    const stream = session.request({ ":path": "/" + i, ":method": "POST" });
    stream.resume().on("end", resolve);
    stream.end("x".repeat(i * 100));
  });
  for (let i = 0; i < 40; i += 8) await Promise.all(Array.from({ length: 8 }, (_, each) => ask(i + each)));
  process.exit();
});`;

function captured(program: string): Ended[] {
  const { code, out, words } = tinytap("capture", "--format", "jsonl", "--", process.execPath, "-e", program);
  assert.equal(code, 0, words);
  assert.match(words, /nothing lost/);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Ended);
}

function assertPaired(lines: Ended[], expected: number): void {
  assert.equal(lines.length, expected);
  for (const { id, otherEnd, role, request } of lines) {
    const other = lines.find((line) => line.id === otherEnd);
    assert.ok(other !== undefined, `${role} ${request?.target} knows its other end`);
    assert.deepEqual(
      [other.otherEnd, other.role, other.request],
      [id, role === "server" ? "client" : "server", request],
    );
  }
}

test("HTTP/1.1 through a proxy, over IPv4 and to an IPv6 socket", () => assertPaired(captured(http1), 160));

test("HTTP/2, several streams at once", () => assertPaired(captured(http2), 80));
