/** Captures that begin when everything already runs; and what is not to be captured. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture, idOf, listens } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { assertExact, expectExact } from "./harness/compare.ts";
import { executable, freePort } from "./harness/servers.ts";

/** A kernel built with CONFIG_CHECKPOINT_RESTORE lets root choose the next pid. */
const lastPid = "/proc/sys/kernel/ns_last_pid";
const noLastPid = !existsSync(lastPid) && "this kernel has no ns_last_pid";

describe("attached to a running server", () => {
  let address: number;
  let server: ChildProcess;
  let capture: Capture | undefined;

  beforeEach(async () => {
    address = await freePort();
    server = spawn(await executable("moves"), [String(address)], { stdio: "ignore" });
    while (!(await listens(address))) await sleep(20);
  });

  afterEach(async () => {
    await capture?.stop();
    server.kill();
    await once(server, "exit");
  });

  const attach = async (...options: string[]) =>
    (capture = await Capture.start({
      options: options.length > 0 ? options : ["--pid", String(server.pid)],
    }));

  test("a connection accepted before; its thread blocked in read", async () => {
    const client = new Client(address);
    await client.get("/send/write/5000");
    client.received.length = 0;
    const all = await attach();
    for (const size of [1, 5000, 70_000]) await client.get(`/send/write/${size}`);
    await expectExact(all, client);
    client.close();
  });

  test("by its port", async () => {
    const client = new Client(address);
    const all = await attach("--port", String(address));
    await client.get("/file/position/70000");
    await expectExact(all, client);
    client.close();
  });

  test("in the middle of a response: the next exchange is whole", async () => {
    const client = new Client(address);
    const slow = client.get(`/send/nonblocking/${3 << 20}`, { slow: 20 });
    await sleep(300);
    const all = await attach();
    await slow;
    client.received.length = 0;
    await client.get("/send/write/5000");
    await expectExact(all, client);
    client.close();
  });

  test("it ends while exchanges are in flight", async () => {
    const client = new Client(address);
    const all = await attach();
    await client.get("/send/write/100");
    const socket = connect(address, "127.0.0.1");
    socket.write("GET /send/write/100 HTTP/1.1\r\nX-Test-Id: open\r\n");
    await sleep(100);
    const { lines } = await all.stop();
    assertExact(lines, client.received);
    socket.destroy();
    client.close();
  });

  test("its pid, used again by a process that nobody asked for", { skip: noLastPid }, async () => {
    const all = await attach();
    const client = new Client(address);
    await client.get("/send/write/100");
    await expectExact(all, client);
    client.close();
    const pid = server.pid ?? 0;
    server.kill();
    await once(server, "exit");
    address = await freePort();
    server = await spawnAs(pid, await executable("moves"), [String(address)]);
    while (!(await listens(address))) await sleep(20);
    const other = new Client(address);
    await other.get("/send/write/100");
    await sleep(200);
    const { lines } = await all.stop();
    assert.deepEqual(lines.map(idOf), [client.received[0]?.id]);
    other.close();
  });
});

async function spawnAs(pid: number, file: string, args: string[]): Promise<ChildProcess> {
  for (let attempt = 0; attempt < 100; attempt++) {
    writeFileSync(lastPid, String(pid - 1));
    const child = spawn(file, args, { stdio: "ignore" });
    if (child.pid === pid) return child;
    // Something else was started just now, and has the pid or is about to.
    child.kill();
    await once(child, "exit");
  }
  throw new Error(`no process could be given the pid ${pid}`);
}
