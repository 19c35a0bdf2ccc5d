/** TCP proxies, which move bytes from socket to socket by splice: they are a server of their clients, and a client of their server. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture } from "./harness/capture.ts";
import { Client, paced, pieces } from "./harness/client.ts";
import { nothingShort, shortfall } from "./harness/compare.ts";
import { executable, freePort, makeFiles, sizes } from "./harness/servers.ts";
import { startUpstream, type Upstream } from "./harness/upstream.ts";

const files = makeFiles(sizes);
let upstream: Upstream;

before(async () => (upstream = await startUpstream(files.folder)));

after(async () => {
  await upstream.stop();
  files.remove();
});

async function startProxy(options: string[] = []): Promise<{ capture: Capture; address: number }> {
  const address = await freePort();
  const command = [await executable("go"), "proxy", `127.0.0.1:${address}`, `127.0.0.1:${upstream.port}`];
  return { capture: await Capture.start({ options, command, address }), address };
}

test("Go's io.Copy between two sockets: every exchange whole, in both roles", async () => {
  const { capture, address } = await startProxy();
  try {
    const client = new Client(address);
    for (const size of sizes) {
      await client.get(`/bytes/${size}`, paced(size));
      await client.get(`/files/f${size}`, paced(size));
      await client.post("/echo", randomBytes(size), paced(size));
    }
    await client.ask("/echo", { method: "POST", body: pieces(300_000) });
    client.close();
    for (const role of ["server", "client"] as const) await capture.linesFor(client.received, role);
    const { lines, tally } = await capture.stop();
    for (const side of ["server", "client"] as const)
      assert.deepEqual(shortfall(lines, client.received, side), nothingShort, `as a ${side}; ${tally}`);
    assert.match(tally, /, nothing lost$/);
  } finally {
    await capture.stop();
  }
});

test("without the source that reads pipes, the tally names what was spliced", async () => {
  const { capture, address } = await startProxy(["--sendfile", "off"]);
  try {
    const client = new Client(address);
    await client.get("/bytes/1000");
    client.close();
    await sleep(100);
    const { tally } = await capture.stop();
    assert.match(tally, /, 2 connections spliced, not readable$/);
  } finally {
    await capture.stop();
  }
});
