/** Sockets whose sequence numbers don't count the program's bytes: there the sum of the calls' results must do. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Capture } from "./harness/capture.ts";
import { Client, type Digest } from "./harness/client.ts";
import { assertGap, assertWhole, expectExact, lineOf } from "./harness/compare.ts";
import { executable, freePort, makeFiles } from "./harness/servers.ts";

const sizes = [1, 512, 4097, 300_001];

for (const mode of ["auto", "pagecache"])
  describe(`AF_UNIX (sendfile: ${mode})`, () => {
    const folder = mkdtempSync(join(tmpdir(), "tinytap-unix-"));
    const address = join(folder, "socket");
    let capture: Capture;

    before(async () => {
      const command = [await executable("moves"), address];
      capture = await Capture.start({ options: ["--sendfile", mode], command, address });
    });
    after(async () => {
      await capture.stop();
      rmSync(folder, { recursive: true });
    });

    test("sent", async () => {
      const client = new Client(address);
      for (const name of [
        "write",
        "empty-writes",
        "writev",
        "sendto",
        "sendmsg",
        "sendmmsg",
        "nonblocking",
        "heir",
      ])
        for (const size of sizes) await client.get(`/send/${name}/${size}`);
      await expectExact(capture, client);
      client.close();
    });

    test("received", async () => {
      const client = new Client(address);
      for (const name of ["read", "empty-reads", "readv", "recv", "peek", "recvmsg", "recvmmsg"])
        for (const size of sizes)
          await client.post(`/receive/${name}/${size}`, randomBytes(size), { expect: true });
      await expectExact(capture, client);
      client.close();
    });

    test("a file by sendfile", async () => {
      const client = new Client(address);
      for (const size of sizes) await client.get(`/file/position/${size}`);
      if (mode === "pagecache") await expectExact(capture, client);
      else
        for (const each of client.received) {
          const line = lineOf(await capture.linesFor(client.received), each);
          assertGap(line.response?.body, each.body.size, "no-source", each.target);
        }
      client.close();
    });
  });

/** Debian's kernels have it, and not all others. */
const hasMptcp = readSetting("/proc/sys/net/mptcp/enabled") === "1";

for (const mode of hasMptcp ? ["auto", "pagecache"] : [])
  test(`an MPTCP client (sendfile: ${mode})`, async () => {
    const files = makeFiles(sizes);
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const go = await executable("go");
    const capture = await Capture.start({
      options: ["--sendfile", mode],
      command: [go, address, files.folder],
      address: port,
    });
    try {
      // Where the send path was chosen, it is blind here, and nothing stands in for it.
      const kinds = ["bytes/", "stream/", ...(mode === "pagecache" ? ["files/f"] : [])];
      const targets = sizes.flatMap((size) => kinds.map((kind) => `/${kind}${size}`));
      const { stdout } = await promisify(execFile)(go, ["get", address, ...targets]);
      const received = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { id: string; target: string; status: number; body: Digest });
      assert.equal(received.length, targets.length);
      const lines = await capture.linesFor(received);
      for (const each of received) {
        const { response } = lineOf(lines, each);
        assert.equal(response?.status, each.status);
        assertWhole(response.body, each.body, each.target);
      }
    } finally {
      await capture.stop();
      files.remove();
    }
  });

function readSetting(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
