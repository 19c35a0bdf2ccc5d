/** The servers that people use. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Capture } from "./harness/capture.ts";
import { Client, paced, pieces } from "./harness/client.ts";
import { assertExact, expectExact, expectNothingLost } from "./harness/compare.ts";
import { executable, freePort, makeFiles, nginx, sizes, small } from "./harness/servers.ts";
import { startUpstream, type Upstream } from "./harness/upstream.ts";

const files = makeFiles(sizes);
const work = mkdtempSync(join(tmpdir(), "tinytap-servers-"));
after(() => {
  files.remove();
  rmSync(work, { recursive: true });
});

/** Files of all sizes, then a few at once to slow readers. */
async function expectFiles(capture: Capture, port: number, prefix = "/"): Promise<void> {
  const client = new Client(port);
  for (const size of sizes) await client.get(`${prefix}f${size}`, paced(size));
  const slow = Array.from({ length: small ? 3 : 8 }, () => new Client(port));
  await Promise.all(slow.map((each) => each.get(`${prefix}f${1 << 20}`, { slow: 2 })));
  await expectExact(capture, client, ...slow);
  for (const each of [client, ...slow]) each.close();
}

describe("nginx", () => {
  const ports: Record<string, number> = {};
  let capture: Capture;
  let upstream: Upstream;

  before(async () => {
    upstream = await startUpstream(files.folder);
    const hosts: Record<string, string> = {
      "sendfile on": `sendfile on; root ${files.folder};`,
      "sendfile off": `sendfile off; root ${files.folder};`,
      tcp_nopush: `sendfile on; tcp_nopush on; root ${files.folder};`,
      proxy: `location / { proxy_pass http://127.0.0.1:${upstream.port}; proxy_http_version 1.1;
                           proxy_set_header Connection ""; }`,
    };
    for (const name of Object.keys(hosts)) ports[name] = await freePort();
    const servers = Object.entries(hosts).map(
      ([name, host]) => `server { listen 127.0.0.1:${ports[name]}; ${host} }`,
    );
    capture = await Capture.start({ command: await nginx(work, servers), address: Number(ports["proxy"]) });
  });

  after(async () => {
    await capture.stop();
    await upstream.stop();
  });

  for (const name of ["sendfile on", "sendfile off", "tcp_nopush"])
    test(name, () => expectFiles(capture, Number(ports[name])));

  test("as a proxy, both sides of it", async () => {
    const client = new Client(Number(ports["proxy"]));
    // It takes in what it proxies as fast as it can: no more at once than the ring holds.
    for (const size of sizes.filter((size) => size <= 1 << 20)) {
      const pace = size > 1 << 18 ? { slow: 1 } : {};
      await client.get(`/files/f${size}`, pace);
      await client.post("/echo", randomBytes(size), pace);
    }
    await client.get("/stream/300000");
    await client.ask("/echo", { method: "POST", body: pieces(100_000) });
    await expectExact(capture, client);
    assertExact(await capture.linesFor(client.received, "client"), client.received, "client");
    client.close();
  });
});

/** A server of files alone. */
function fileServer(name: string, command: (port: number) => string[] | Promise<string[]>): void {
  test(name, async () => {
    const port = await freePort();
    const capture = await Capture.start({ command: await command(port), address: port });
    try {
      await expectFiles(capture, port);
      await expectNothingLost(capture);
    } finally {
      await capture.stop();
    }
  });
}

fileServer("Caddy", async (port) => [
  ...["env", `HOME=${work}`, await executable("caddy"), "file-server"],
  ...["--root", files.folder, "--listen", `127.0.0.1:${port}`],
]);
fileServer("Python's http.server", (port) => [
  ...["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "--protocol", "HTTP/1.1"],
  ...["--directory", files.folder, String(port)],
]);

describe("gunicorn, two workers of two threads", () => {
  let address: number;
  let capture: Capture;

  before(async () => {
    address = await freePort();
    const app = join(import.meta.dirname, "../servers/python");
    const command = [
      ...["env", `PYTHONPATH=${await executable("gunicorn")}`, `TINYTAP_FILES=${files.folder}`],
      ...["/usr/bin/python3", "-m", "gunicorn", "--chdir", app, "--bind", `127.0.0.1:${address}`],
      ...["--worker-class", "gthread", "--workers", "2", "--threads", "2", "--keep-alive", "60", "app:app"],
    ];
    capture = await Capture.start({ command, address });
  });
  after(() => capture.stop());

  test("files", () => expectFiles(capture, address, "/files/"));

  test("dynamic bodies and echo", async () => {
    const client = new Client(address);
    for (const size of sizes) {
      await client.get(`/bytes/${size}`, paced(size));
      await client.post("/echo", randomBytes(size), paced(size));
    }
    await expectExact(capture, client);
    client.close();
  });

  test("nothing is lost", () => expectNothingLost(capture));
});

describe("Node", () => {
  let address: number;
  let capture: Capture;

  before(async () => {
    address = await freePort();
    const script = join(import.meta.dirname, "../servers/node/server.mjs");
    const command = [process.execPath, script, String(address), files.folder];
    capture = await Capture.start({ command, address });
  });
  after(() => capture.stop());

  test("dynamic bodies, files, echo, streams", async () => {
    const client = new Client(address);
    for (const size of sizes) {
      await client.get(`/bytes/${size}`, paced(size));
      await client.get(`/files/f${size}`, paced(size));
      await client.post("/echo", randomBytes(size), paced(size));
    }
    for (const size of [0, 1, 300_000]) {
      await client.get(`/stream/${size}`);
      await client.ask("/echo", { method: "POST", body: pieces(size) });
    }
    await expectExact(capture, client);
    client.close();
  });

  test("nothing is lost", () => expectNothingLost(capture));
});
