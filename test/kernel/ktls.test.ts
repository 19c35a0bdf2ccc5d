/** TLS that the kernel does after a handshake of the program's own: nginx with OpenSSL. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connect } from "node:tls";
import { Capture } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { expectExact } from "./harness/compare.ts";
import { noKtls } from "./harness/features.ts";
import { freePort, makeFiles, nginx, together } from "./harness/servers.ts";

const sizes = [1, 4097, 65_536, 300_001];

describe("kTLS after a handshake", { skip: noKtls }, () => {
  const files = makeFiles(sizes);
  const work = mkdtempSync(join(tmpdir(), "tinytap-ktls-"));
  let address: number;
  let python: number;
  let capture: Capture;
  const tls = (port: number) => new Client(port, (socket) => connect({ socket, rejectUnauthorized: false }));

  before(async () => {
    address = await freePort();
    python = await freePort();
    const pem = join(import.meta.dirname, "harness/self-signed.pem");
    // Of the versions of TLS this is the one of which every OpenSSL leaves both directions to the kernel.
    const server = await nginx(work, [
      `server { listen 127.0.0.1:${address} ssl; sendfile on; root ${files.folder};
         ssl_certificate ${pem}; ssl_certificate_key ${pem};
         ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256; ssl_conf_command Options KTLS; }`,
    ]);
    const script = join(import.meta.dirname, "../servers/python/ktls.py");
    const command = together([server, ["python3", script, String(python), pem]]);
    capture = await Capture.start({ command, addresses: [address, python] });
  });

  after(async () => {
    await capture.stop();
    files.remove();
    rmSync(work, { recursive: true });
  });

  test("files by sendfile, on a connection that is kept", async () => {
    const client = tls(address);
    for (const size of sizes) await client.get(`/f${size}`);
    await expectExact(capture, client);
    client.close();
  });

  test("the alert that ends a connection is no part of the body before it", async () => {
    const client = tls(python);
    for (const size of sizes) await client.get(`/bytes/${size}`);
    await expectExact(capture, client);
    client.close();
  });

  test("nothing is lost, and nothing is taken for other traffic", async () => {
    const { tally } = await capture.stop();
    assert.match(tally, /^8 exchanges, 0 in flight, \d+ bytes, nothing lost$/);
  });
});
