/** Go's server: MPTCP listener, sendfile for files, chunked streams, echo. */
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Capture } from "./harness/capture.ts";
import { Client, paced, pieces } from "./harness/client.ts";
import { expectExact, expectNothingLost } from "./harness/compare.ts";
import { executable, freePort, makeFiles, sizes, small } from "./harness/servers.ts";

describe("Go", () => {
  const large = small ? [] : [64 << 20];
  const files = makeFiles([...sizes, ...large]);
  let address: number;
  let capture: Capture;

  before(async () => {
    address = await freePort();
    const command = [await executable("go"), `127.0.0.1:${address}`, files.folder];
    capture = await Capture.start({ command, address });
  });

  after(async () => {
    await capture.stop();
    files.remove();
  });

  test("files by sendfile", async () => {
    const client = new Client(address);
    for (const size of [...sizes, ...large]) await client.get(`/files/f${size}`, paced(size));
    await expectExact(capture, client);
  });

  test("dynamic bodies", async () => {
    const client = new Client(address);
    for (const size of sizes) await client.get(`/bytes/${size}`, paced(size));
    for (const count of [0, 1, 2000]) await client.get(`/json/${count}`);
    await expectExact(capture, client);
  });

  test("chunked responses", async () => {
    const client = new Client(address);
    for (const size of [0, 1, 300_000]) await client.get(`/stream/${size}`);
    await expectExact(capture, client);
  });

  test("request bodies", async () => {
    const client = new Client(address);
    for (const size of sizes) await client.post("/echo", randomBytes(size), paced(size));
    await expectExact(capture, client);
  });

  test("chunked requests", async () => {
    const client = new Client(address);
    for (const size of [1, 500_000]) await client.ask("/echo", { method: "POST", body: pieces(size) });
    await expectExact(capture, client);
  });

  test("a slow reader of a file", async () => {
    const client = new Client(address);
    await client.get(`/files/f${1 << 20}`, { slow: 5 });
    await expectExact(capture, client);
  });

  test("many connections at once", async () => {
    const clients = Array.from({ length: small ? 30 : 200 }, () => new Client(address));
    await Promise.all(
      clients.map(async (client, i) => {
        for (const size of [513, 4097, 65_537])
          await client.get(i % 2 ? `/files/f${size}` : `/bytes/${size}`);
      }),
    );
    await expectExact(capture, ...clients);
    for (const client of clients) client.close();
  });

  test("nothing is lost", () => expectNothingLost(capture));
});
