/** The helper's life: how it ends, and what it answers to nonsense. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { spawnHelper, type Helper } from "../../client/helper.ts";
import type { InitializeResult } from "../../protocol/rpc.ts";
import type { SearchResult } from "../../protocol/search.ts";
import { dist } from "../../scripts/paths.mjs";
import { eventually } from "./eventually.ts";
import { ensureBpftool, exists, held } from "./probes.ts";

function start(lines: string[] = []): Promise<Helper> {
  return spawnHelper({ node: process.execPath, directory: dist, log: (line) => lines.push(line) });
}

before(ensureBpftool);

describe("however the helper ends, its probes end with it", () => {
  const ends: [string, (helper: Helper) => unknown][] = [
    ["end of stdin", (helper) => helper.stdin.end()],
    ["SIGKILL", (helper) => process.kill(helper.pid, "SIGKILL")],
    ["a crash", (helper) => process.kill(helper.pid, "SIGSEGV")],
    ["a frame that is none", (helper) => helper.stdin.write("Content-Length: no\r\n\r\n")],
    ["notification exit", (helper) => write(helper, { jsonrpc: "2.0", method: "exit" })],
  ];
  for (const [name, end] of ends)
    test(name, async () => {
      const helper = await start();
      const { links, programs } = held(helper.pid);
      assert.ok(links.length >= 7, `${links.length} links`);
      assert.ok(links.every((id) => exists("link", id)) && programs.every((id) => exists("prog", id)));
      end(helper);
      await helper.exited;
      helper.stdin.destroy();
      // The kernel frees them a moment later.
      await eventually(() => !links.some((id) => exists("link", id)));
      await eventually(() => !programs.some((id) => exists("prog", id)));
    });
});

test("signals that its whole process group gets don't end it", async () => {
  const helper = await start();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.kill(helper.pid, signal);
  await sleep(100);
  helper.stdin.end();
  assert.deepEqual(await helper.exited, { code: 0, signal: null });
});

function write(helper: Helper, message: object): void {
  const text = JSON.stringify(message);
  helper.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

test("a ring of no such size is refused", async () => {
  for (const ringSize of [0, 3, 128, Number.NaN])
    await assert.rejects(
      spawnHelper({ node: process.execPath, directory: dist, ringSize, log: () => {} }),
      /The ring buffer can have 1, 2, 4, 8, 16, 32, 64 MiB, not/,
    );
});

describe("what is no JSON-RPC ends the helper with a word on why", () => {
  const cases: [string, string, RegExp][] = [
    ["no header", "hello\r\n\r\n", /no Content-Length/],
    ["no length", "Content-Length: many\r\n\r\n", /no Content-Length/],
    ["a frame of a terabyte", "Content-Length: 999999999999\r\n\r\n", /above the limit/],
    ["a header without end", "x".repeat(5000), /longer than 1024 bytes/],
    ["no JSON", "Content-Length: 5\r\n\r\nhello", /no valid JSON-RPC/],
  ];
  for (const [name, bytes, words] of cases)
    test(name, async () => {
      const lines: string[] = [];
      const helper = await start(lines);
      helper.stdin.write(bytes);
      const { code } = await helper.exited;
      assert.equal(code, 2);
      await eventually(() => words.test(lines.join("\n"))); // its last line may still be on its way
      helper.stdin.destroy();
    });
});

describe("requests", () => {
  let helper: Helper;
  let connection: ReturnType<typeof createMessageConnection>;

  before(async () => {
    helper = await start();
    connection = createMessageConnection(
      new StreamMessageReader(helper.stdout),
      new StreamMessageWriter(helper.stdin),
    );
    connection.listen();
  });

  after(async () => {
    connection.dispose();
    helper.stdin.end();
    await helper.exited;
  });

  const refused = (method: string, params: unknown, code: number, message: RegExp) =>
    assert.rejects(connection.sendRequest(method, params), (error: { code: number; message: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  const initialize = (initializationOptions: unknown) => ["initialize", { initializationOptions }] as const;
  const invalidParams = -32602;

  test("before initialize", () => refused("tinytap/status", null, -32002, /before initialize/));
  test("an unknown method", () => refused("tinytap/exec", null, -32601, /tinytap\/exec/));

  for (const [options, message] of [
    ["all", /initializationOptions must be an object/],
    [{ targets: 5 }, /targets must be a list/],
    [{ targets: [{ pid: "1" }] }, /pid must be a whole number/],
    [{ targets: [{ pid: 2 ** 22 + 1 }] }, /pid must be a whole number/],
    [{ ports: [70_000] }, /ports must be a whole number from 1 to 65535, not 70000/],
    [{ maxBody: -1 }, /maxBody must be/],
    [{ maxBody: 1.5 }, /maxBody must be/],
    [{ sendfile: "maybe" }, /sendfile must be one of auto, sendpath, pagecache, off, not maybe/],
    [{ feed: "all" }, /feed must be one of/],
  ] as const)
    test(`wrong options: ${JSON.stringify(options)}`, () =>
      refused(...initialize(options), invalidParams, message));

  test("a process that doesn't exist", async () => {
    const result: InitializeResult = await connection.sendRequest(
      ...initialize({ targets: [{ pid: 2 ** 22 - 1 }] }),
    );
    assert.match(result.targets[0]?.error ?? "", /there is no process 4194303/);
    assert.deepEqual(result.status.targets, []);
  });

  test("twice", () => refused(...initialize({}), -32603, /initialize came twice/));
  test("an exchange that isn't", async () =>
    assert.equal(await connection.sendRequest("tinytap/exchange", { id: 99 }), null));
  test("what a watched process sends compressed is found in it, on both ends", async () => {
    const server = createServer((_, response) => {
      response.setHeader("Content-Encoding", "gzip");
      response.end(gzipSync("nothing but tits, and one wren"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    await connection.sendRequest("tinytap/watch", { targets: [{ pid: process.pid, children: false }] });
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/birds`);
    await response.text();
    await connection.sendRequest("tinytap/drain");
    const { hits } = await connection.sendRequest<SearchResult>("tinytap/search", {
      query: "/one (wren|tit)/",
    });
    assert.deepEqual(
      hits.map(({ part, excerpt }) => `${part}: ${excerpt.match}`),
      ["body: one wren", "body: one wren"],
    );
    server.close();
    server.closeAllConnections();
  });
  test("what is no search", () =>
    refused("tinytap/search", { query: "/(/" }, invalidParams, /Unterminated group/));
  test("ranges that aren't", () =>
    refused("tinytap/body", { id: 1, side: "request", start: 5, end: 1 }, invalidParams, /end must be/));
  test("a side that isn't", () =>
    refused("tinytap/body", { id: 1, side: "left", start: 0, end: 1 }, invalidParams, /side must be one of/));
});
