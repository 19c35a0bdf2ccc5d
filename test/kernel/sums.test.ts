/** Sockets whose sequence numbers don't count the program's bytes: there the sum of the calls' results must do. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Capture } from "./harness/capture.ts";
import { Client, type Digest } from "./harness/client.ts";
import { assertGap, assertWhole, expectExact, expectNothingLost, lineOf } from "./harness/compare.ts";
import { noKtls, noMptcp } from "./harness/features.ts";
import { executable, freePort, makeFiles, together } from "./harness/servers.ts";
import { TlsRecords } from "./harness/tls-records.ts";

const sizes = [1, 512, 4097, 300_001];

const folder = mkdtempSync(join(tmpdir(), "tinytap-sums-"));
const files = makeFiles(sizes);
after(() => {
  rmSync(folder, { recursive: true });
  files.remove();
});

describe("AF_UNIX, kTLS, MPTCP", () => {
  const unixAddress = join(folder, "socket");
  let tlsPort: number;
  let goPort: number;
  let capture: Capture;

  before(async () => {
    tlsPort = await freePort();
    goPort = await freePort();
    const moves = await executable("moves");
    const unix = { address: unixAddress, command: [moves, unixAddress] };
    const tls = { address: tlsPort, command: ["env", "MOVES_TLS=1", moves, String(tlsPort)] };
    const go = {
      address: goPort,
      command: [await executable("go"), `127.0.0.1:${goPort}`, files.folder],
    };
    const servers = [unix, go, ...(noKtls ? [] : [tls])];
    capture = await Capture.start({
      command: together(servers.map(({ command }) => command)),
      addresses: servers.map(({ address }) => address),
    });
  });
  after(() => capture.stop());

  const send = ["write", "empty-writes", "writev", "sendto", "sendmsg", "heir"];
  const receive = ["read", "empty-reads", "readv", "recv", "peek", "recvmsg", "recvmmsg"];
  const file = ["position", "pieces", "splice", "tee"];

  /** Moves bytes in these ways, in vain too, over a socket that has no numbers of its own. */
  async function exercise(
    client: Client,
    ways: Record<"send" | "receive" | "file", string[]>,
  ): Promise<void> {
    for (const size of sizes) {
      for (const way of ways.send) await client.get(`/send/${way}/${size}`);
      for (const way of ways.receive)
        await client.post(`/receive/${way}/${size}`, randomBytes(size), { expect: true });
      for (const way of ways.file) await client.get(`/file/${way}/${size}`);
    }
    await expectExact(capture, client);
    client.close();
  }

  test("AF_UNIX", () =>
    exercise(new Client(unixAddress), {
      send: [...send, "sendmmsg", "nonblocking"],
      receive,
      file: [...file, "small-buffer"],
    }));

  // It refuses sendmmsg, and some kernels wait for ever where the send buffer is smaller than a record.
  test("kTLS", { skip: noKtls }, () =>
    exercise(new Client(tlsPort, (socket) => new TlsRecords(socket)), { send, receive, file }),
  );

  test("an MPTCP client", { skip: noMptcp }, async () => {
    const targets = sizes.flatMap((size) =>
      ["bytes/", "stream/", "files/f"].map((kind) => `/${kind}${size}`),
    );
    const command = ["get", `127.0.0.1:${goPort}`, ...targets];
    const { stdout } = await promisify(execFile)(await executable("go"), command);
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
  });

  test("nothing is lost", () => expectNothingLost(capture));
});

test("AF_UNIX, by the send path alone: a gap that says so", async () => {
  const address = join(folder, "another");
  const command = [await executable("moves"), address];
  const capture = await Capture.start({ options: ["--sendfile", "sendpath"], command, address });
  try {
    const client = new Client(address);
    const received = await client.get("/file/position/5000");
    const line = lineOf(await capture.linesFor([received]), received);
    assert.equal(assertGap(line.response?.body, 5000, "no-source", "response"), 5000);
    client.close();
  } finally {
    await capture.stop();
  }
});
