/** Every system call that copies bytes, and every way to share a socket: programs written for the purpose. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture } from "./harness/capture.ts";
import { Client, pieces } from "./harness/client.ts";
import { assertGap, assertRaced, assertWhole, expectExact, lineOf } from "./harness/compare.ts";
import { executable, freePort } from "./harness/servers.ts";

/** At the edges of pages and of the kernel side's size classes. */
const sizes = [1, 192, 193, 256, 257, 512, 513, 4096, 4097, 65_536, 300_001];

describe("system calls", () => {
  let address: number;
  let capture: Capture;

  before(async () => {
    address = await freePort();
    capture = await Capture.start({ command: [await executable("moves"), String(address)], address });
  });

  after(() => capture.stop());

  for (const name of [
    ...[
      "write",
      "small-writes",
      "page-writes",
      "empty-writes",
      "writev",
      "writev-1024",
      "pwritev2",
      "sendto",
      "msg-more",
    ],
    ...["sendmsg", "sendmmsg", "zerocopy", "mapped-file", "two-threads", "dup", "heir", "fork", "exec"],
  ])
    test(`sent by ${name}`, async () => {
      const client = new Client(address);
      for (const size of sizes) await client.get(`/send/${name}/${size}`);
      await expectExact(capture, client);
      client.close();
    });

  for (const name of ["nonblocking", "interrupted"])
    test(`sent by ${name} writes to a slow reader`, async () => {
      const client = new Client(address);
      for (const size of [1, 300_001, 3 << 20]) await client.get(`/send/${name}/${size}`, { slow: 1 });
      await expectExact(capture, client);
      client.close();
    });

  for (const name of [
    ...[
      "read",
      "small-reads",
      "empty-reads",
      "readv",
      "preadv2",
      "recv",
      "waitall",
      "peek",
      "recvmsg",
      "recvmmsg",
    ],
    ...["nonblocking", "splice", "two-threads"],
  ])
    test(`received by ${name}`, async () => {
      const client = new Client(address);
      for (const size of sizes)
        await client.post(`/receive/${name}/${size}`, randomBytes(size), { expect: true });
      await expectExact(capture, client);
      client.close();
    });

  test("received and sent by two threads at once", async () => {
    const client = new Client(address);
    for (const size of sizes)
      await client.ask(`/echo/duplex/${size}`, {
        method: "POST",
        body: pieces(size),
        headers: { "content-length": String(size) },
        expect: true,
      });
    await expectExact(capture, client);
    client.close();
  });

  test("received by recvmmsg, each message shorter than its room", async () => {
    const client = new Client(address);
    for (const size of [2, 3000, 300_001])
      await client.ask(`/receive/short-recvmmsg/${size}`, {
        method: "POST",
        body: pieces(size),
        headers: { "content-length": String(size) },
        expect: true,
        slow: 2,
      });
    await expectExact(capture, client);
    client.close();
  });

  test("two threads that race to send", async () => {
    const client = new Client(address);
    const received = await client.get(`/send/racing-threads/${2 << 20}`);
    const { response } = lineOf(await capture.linesFor([received]), received);
    assertRaced(response?.body, received);
    client.close();
  });

  test("MSG_TRUNC discards: a gap that says so", async () => {
    const client = new Client(address);
    const size = 70_000;
    const received = await client.post(`/receive/trunc/${size}`, randomBytes(size), { expect: true });
    const { request } = lineOf(await capture.linesFor([received]), received);
    assert.equal(assertGap(request?.body, size, "discarded", "request"), size);
    client.close();
  });

  test("pages gone before the call ended: a gap, and what lies around it", async () => {
    const client = new Client(address);
    const size = 2 << 20;
    const received = await client.get(`/send/forgotten-pages/${size}`, { slow: 30 });
    assert.equal(received.body.size, size);
    const { response } = lineOf(await capture.linesFor([received]), received);
    const missing = assertGap(response?.body, size, "unreadable", "response");
    assert.equal(missing, size / 8);
    client.close();
  });

  test("the message that says where the bytes lie is gone before the call ended: a gap that says unreadable", async () => {
    const client = new Client(address);
    const size = 2 << 20;
    const received = await client.get(`/send/forgotten-message/${size}`, { slow: 30 });
    assert.equal(received.body.size, size);
    const { response } = lineOf(await capture.linesFor([received]), received);
    assert.equal(assertGap(response?.body, size, "unreadable", "response"), size);
    client.close();
  });

  test("io_uring sends: a gap that says so, and the next exchange whole", async () => {
    const client = new Client(address);
    const size = 70_000;
    const received = await client.get(`/send/io-uring/${size}`);
    const next = await client.get("/send/write/5000");
    const lines = await capture.linesFor([received, next]);
    assert.equal(assertGap(lineOf(lines, received).response?.body, size, "untraced", "response"), size);
    assertWhole(lineOf(lines, next).response?.body, next.body, "next");
    client.close();
    const warnings = capture.errors.match(
      /^process \d+ \(moves\) seems to move bytes by other means .*io_uring/gm,
    );
    assert.equal(warnings?.length, 1, capture.errors);
  });

  test("received by io_uring: a gap that says so", async () => {
    const client = new Client(address);
    const size = 70_000;
    const received = await client.post(`/receive/io-uring/${size}`, randomBytes(size), { expect: true });
    // The next call on the connection shows that the numbers jumped.
    const next = await client.get("/send/write/5000");
    const lines = await capture.linesFor([received, next]);
    const { request, response } = lineOf(lines, received);
    assert.equal(assertGap(request?.body, size, "untraced", "request"), size);
    assertWhole(response?.body, received.body, "response");
    assertWhole(lineOf(lines, next).response?.body, next.body, "next");
    client.close();
  });

  test("the process ends with the connection open: the rest was never sent", async () => {
    const client = new Client(address);
    const size = 100_000;
    const received = await client.get(`/send/dying/${size}`);
    assert.ok(received.cut);
    const { response } = lineOf(await capture.linesFor([received]), received);
    assert.equal(assertGap(response?.body, size, "never-sent", "response"), size / 2);
    client.close();
  });

  test("descriptors and sockets used again", async () => {
    const clients: Client[] = [];
    for (let turn = 0; turn < 100; turn++) {
      const client = new Client(address);
      await client.get(`/send/write/${turn * 50}`);
      client.close();
      clients.push(client);
    }
    await expectExact(capture, ...clients);
  });

  test("a head that comes byte by byte", async () => {
    const socket = connect(address, "127.0.0.1");
    socket.setNoDelay(true);
    for (const byte of "GET /send/write/10 HTTP/1.1\r\nX-Test-Id: bytewise\r\n\r\n") {
      socket.write(byte);
      await sleep(1);
    }
    const received = { id: "bytewise", target: "/send/write/10" };
    const line = lineOf(await capture.linesFor([received]), received);
    assert.equal(line.response?.body.size, 10);
    socket.destroy();
  });

  test("a client that goes away in the middle of the response", async () => {
    const socket = connect(address, "127.0.0.1");
    const size = 50 << 20;
    socket.write(`GET /send/nonblocking/${size} HTTP/1.1\r\nX-Test-Id: gone\r\n\r\n`);
    await once(socket, "data");
    socket.destroy();
    const received = { id: "gone", target: "/send/nonblocking" };
    const line = lineOf(await capture.linesFor([received]), received);
    assert.ok(assertGap(line.response?.body, size, "never-sent", "response") > 0);
  });

  test("what was missing is counted, by reason", async () => {
    const { tally } = await capture.stop();
    assert.match(tally, /lost: .*unreadable \d+/);
    assert.match(tally, /lost: .*untraced \d+/);
  });
});
