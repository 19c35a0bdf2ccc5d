/** Nothing lost at a developer's load, with no setting changed. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { Capture } from "./harness/capture.ts";
import { nothingShort, shortfall } from "./harness/compare.ts";
import { load, loadSizes, type Paths } from "./harness/load.ts";
import { executable, freePort, makeFiles, nginx, small, withLibraries } from "./harness/servers.ts";
import { startUpstream, type Upstream } from "./harness/upstream.ts";

const slow = small && "an emulated processor has no load that is a developer's";

describe("many clients at once, bodies to 3 MiB", { skip: slow }, () => {
  const files = makeFiles(loadSizes);
  const work = mkdtempSync(join(tmpdir(), "tinytap-load-"));
  const all: Paths = { get: ["/bytes/", "/files/f"], echo: "/echo" };
  const filesOnly: Paths = { get: ["/f"] };
  let upstream: Upstream;

  before(async () => (upstream = await startUpstream(files.folder)));

  after(async () => {
    await upstream.stop();
    files.remove();
    rmSync(work, { recursive: true });
  });

  /** `sides`: a proxy is watched as the server of its clients, and as the client of its server. */
  function withNothingLost(
    name: string,
    sides: readonly ("server" | "client")[],
    paths: Paths,
    command: (port: number) => string[] | Promise<string[]>,
    clients = 8,
  ): void {
    test(name, async (context) => {
      const port = await freePort();
      const capture = await Capture.start({ command: await command(port), address: port, defaults: true });
      try {
        const { received, bytes, seconds } = await load(port, paths, clients);
        const { lines, tally } = await capture.stop();
        say(context, received.length, bytes, seconds);
        for (const side of sides)
          assert.deepEqual(shortfall(lines, received, side), nothingShort, `as a ${side}; ${tally}`);
        assert.match(tally, /, nothing lost$/);
      } finally {
        await capture.stop();
      }
    });
  }

  withNothingLost("Go", ["server"], all, async (port) => [
    await executable("go"),
    `127.0.0.1:${port}`,
    files.folder,
  ]);

  withNothingLost("Node", ["server"], all, (port) => [
    process.execPath,
    join(import.meta.dirname, "../servers/node/server.mjs"),
    String(port),
    files.folder,
  ]);

  const staticFiles = (port: number) =>
    nginx(work, [`server { listen 127.0.0.1:${port}; sendfile on; root ${files.folder}; }`]);
  withNothingLost("nginx, static", ["server"], filesOnly, staticFiles);
  withNothingLost("nginx, static, fifty clients", ["server"], filesOnly, staticFiles, 50);

  withNothingLost("Caddy, file server", ["server"], filesOnly, async (port) => [
    ...["env", `HOME=${work}`, await executable("caddy"), "file-server"],
    ...["--root", files.folder, "--listen", `127.0.0.1:${port}`],
  ]);

  withNothingLost("nginx as a proxy", ["server", "client"], all, (port) =>
    nginx(work, [
      `server { listen 127.0.0.1:${port}; location / {
         proxy_pass http://127.0.0.1:${upstream.port}; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
    ]),
  );

  withNothingLost("Apache as a proxy", ["server", "client"], all, async (port) => {
    const folder = await executable("apache");
    const modules = ["mpm_event", "authz_core", "proxy", "proxy_http"].map(
      (name) => `LoadModule ${name}_module ${folder}/usr/lib/apache2/modules/mod_${name}.so`,
    );
    const config = join(work, "apache.conf");
    writeFileSync(
      config,
      `${modules.join("\n")}
       ServerRoot ${work}\nDefaultRuntimeDir ${work}\nPidFile ${work}/apache.pid\nErrorLog ${work}/apache.log
       ServerName localhost\nListen 127.0.0.1:${port}\nUser #65534\nGroup #65534
       ProxyPass / http://127.0.0.1:${upstream.port}/\n`,
    );
    return withLibraries(folder, [`${folder}/usr/sbin/apache2`, "-D", "FOREGROUND", "-f", config]);
  });

  for (const [name, mode] of [
    ["HAProxy", "mode http"],
    ["HAProxy, splicing TCP", "mode tcp\n option splice-request\n option splice-response"],
  ] as const)
    withNothingLost(name, ["server", "client"], all, async (port) => {
      const folder = await executable("haproxy");
      const config = join(work, "haproxy.cfg");
      writeFileSync(
        config,
        `defaults
         ${mode}
         timeout connect 5s
         timeout client 30s
         timeout server 30s
       listen proxy
         bind 127.0.0.1:${port}
         server upstream 127.0.0.1:${upstream.port}\n`,
      );
      return withLibraries(folder, [`${folder}/usr/sbin/haproxy`, "-db", "-f", config]);
    });
});

function say(context: TestContext, exchanges: number, bytes: number, seconds: number): void {
  context.diagnostic(`${exchanges} exchanges, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`);
}
