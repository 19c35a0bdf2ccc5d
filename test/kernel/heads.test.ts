/** Heads longer than what is kept of one, at servers that take them, and at servers that don't. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { maxHead } from "../../protocol/exchange.ts";
import { Capture, type Line } from "./harness/capture.ts";
import { Client, idHeader } from "./harness/client.ts";
import { assertExact, lineOf } from "./harness/compare.ts";
import { executable, freePort, small } from "./harness/servers.ts";

const long = "x".repeat(maxHead + 40_000);
const nodeServer = (limit: number, port: number) => [
  process.execPath,
  `--max-http-header-size=${limit}`,
  join(import.meta.dirname, "../servers/node/server.mjs"),
  String(port),
];
const go = async (port: number) => [await executable("go"), `127.0.0.1:${port}`, "."];

async function withServer(
  command: string[],
  port: number,
  run: (capture: Capture) => Promise<void>,
): Promise<void> {
  const capture = await Capture.start({ command, address: port });
  try {
    await run(capture);
  } finally {
    await capture.stop();
  }
}

/** So many, or fewer if they are overdue: of some the header with the id is not kept. */
async function linesOf(capture: Capture, count: number): Promise<Line[]> {
  const overdue = Date.now() + (small ? 60_000 : 20_000);
  while (capture.lines.length < count && Date.now() < overdue) await sleep(20);
  return capture.lines;
}

/** Of the head's beginning. */
function isCut(line: Line, length: number): void {
  const { headCut, headers } = line.request!;
  assert.equal(headCut, "limit");
  assert.equal(line.end, "complete");
  const value = headers.find(([name]) => name.toLowerCase() === "x-long")?.[1] ?? "";
  assert.ok(value.length > length && long.startsWith(value), `${value.length}`);
}

describe("heads beyond 256 KiB", () => {
  for (const [name, command] of [
    // Go's own limit is 1 MiB.
    ["Go", go],
    ["Node", async (port: number) => nodeServer(1 << 20, port)],
  ] as const)
    test(`${name}, which takes it: the exchange is whole but for its head, and so are those behind it`, async () => {
      const port = await freePort();
      await withServer(await command(port), port, async (capture) => {
        const client = new Client(port);
        await client.get("/bytes/10");
        const first = await client.post("/echo", Buffer.alloc(70_000, 1), { headers: { "x-long": long } });
        const target = await client.get(`/${long}`);
        await client.get("/bytes/1000");
        client.close();
        const lines = await linesOf(capture, 4);
        assertExact(
          lines,
          client.received.filter((each) => each !== target),
        );
        isCut(lineOf(lines, first), maxHead - 1000);
        const [second] = lines.filter((line) => line.request?.target.startsWith("/x") === true);
        assert.equal(second?.request?.headCut, "limit");
        assert.deepEqual([second.end, second.response?.status], ["complete", target.status]);
        assert.equal(second.request.target.length, maxHead - "GET ".length);
      });
    });

  test("Go by HTTP/2: the same, and what it says of the headers that follow is known", async () => {
    const port = await freePort();
    await withServer(await go(port), port, async (capture) => {
      const session = connect(`http://127.0.0.1:${port}`, { maxSendHeaderBlockLength: 1 << 20 });
      for (const id of ["1", "2"]) {
        const stream = session.request({
          ...{ ":path": "/bytes/10", [idHeader]: id, "x-each": "the same" },
          ...(id === "1" && { "x-long": long }),
        });
        stream.end();
        await once(stream.resume(), "close");
      }
      session.close();
      const lines = await capture.linesFor([{ id: "1" }, { id: "2" }]);
      const [first, second] = ["1", "2"].map((id) => lineOf(lines, { id, target: "/bytes/10" }));
      isCut(first!, maxHead - 1000);
      assert.equal(second!.request!.headCut, null);
      assert.ok(second!.request!.headers.some(([name, value]) => name === "x-each" && value === "the same"));
    });
  });

  test("Node, which refuses it in the middle: the refusal is the answer to what it had read", async () => {
    const port = await freePort();
    await withServer(nodeServer(16_384, port), port, async (capture) => {
      const socket = connectTcp(port, "127.0.0.1");
      socket.on("error", () => {}).resume();
      socket.write(`GET /refused HTTP/1.1\r\nHost: a\r\nX-Long: ${long}`);
      const [line] = await linesOf(capture, 1);
      assert.deepEqual(
        [line?.request?.target, line?.request?.headCut, line?.response?.status],
        ["/refused", "unfinished", 431],
      );
      socket.destroy();
    });
  });
});
