/** Programs that people use which speak HTTP/2, WebSockets and gRPC. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { readCall, type Description } from "../../content/node/grpc.ts";
import { readSocket } from "../../content/node/websocket.ts";
import { DescriptorBuilder } from "../../content/protobuf/descriptor-builder.ts";
import { addDescribedFile } from "../../content/protobuf/descriptor-set.ts";
import { askForDescriptors } from "../../extension/grpc/reflection.ts";
import type { Exchange, Side } from "../../protocol/exchange.ts";
import { MemoryBytes } from "../../recording/bytes.ts";
import { Reader } from "../../recording/reader.ts";
import { Capture } from "../kernel/harness/capture.ts";
import { idHeader } from "../kernel/harness/client.ts";
import { lineOf } from "../kernel/harness/compare.ts";
import { executable, freePort, makeFiles, nginx, withLibraries } from "../kernel/harness/servers.ts";
import { ensureGrpcurl } from "../servers/build.ts";
import { serveGrpc, type GrpcServer } from "./grpc-server.ts";

const run = promisify(execFile);
const application = join(import.meta.dirname, "../servers/python");

/** What runs a module of Python's with the application in reach; each has a folder of its own. */
async function python(...names: ("hypercorn" | "uvicorn" | "websockets")[]): Promise<string[]> {
  const folders = await Promise.all(names.map(executable));
  return ["env", `PYTHONPATH=${[application, ...folders].join(delimiter)}`, "/usr/bin/python3", "-m"];
}

async function hypercorn(port: number): Promise<string[]> {
  const command = await python("hypercorn");
  return [...command, "hypercorn", "--bind", `127.0.0.1:${port}`, "asgi:app"];
}

async function uvicorn(port: number, library: string): Promise<string[]> {
  const command = await python("uvicorn", "websockets");
  return [...command, "uvicorn", "--ws", library, "--port", String(port), "asgi:app"];
}

/** A program of nghttp2's. Gives what it said. */
async function nghttp2(program: "h2load" | "nghttp", ...args: string[]): Promise<Buffer> {
  const folder = await executable("nghttp2");
  const [command = "", ...rest] = withLibraries(folder, [`${folder}/usr/bin/${program}`, ...args]);
  const { stdout } = await run(command, rest, { encoding: "buffer", maxBuffer: 1 << 26 });
  return stdout;
}

/** Captures `command`, which listens at `address`, while `use` asks it. Gives what a recording of that has. */
async function recorded(
  command: readonly string[],
  address: number,
  folder: string,
  use: () => Promise<void>,
): Promise<{ exchange: Exchange; read: Parameters<typeof readSocket>[1] }[]> {
  const file = join(folder, `${address}.har`);
  const options = ["--format", "har", "--output", file];
  const capture = await Capture.start({ options, command: [...command], address });
  try {
    await use();
  } finally {
    const { tally } = await capture.stop();
    assert.match(tally, /, nothing lost$/);
  }
  const reader = await Reader.open(new MemoryBytes(readFileSync(file)));
  return Promise.all(
    reader.exchanges.map(async ({ id }) => ({
      exchange: (await reader.exchange(id)) ?? assert.fail(),
      read: (side: Side, start: number, end: number) => reader.body({ id, side, start, end }),
    })),
  );
}

describe("programs", () => {
  const work = mkdtempSync(join(tmpdir(), "tinytap-programs-"));
  const size = 20_000;
  const files = makeFiles([size]);
  after(() => {
    files.remove();
    rmSync(work, { recursive: true });
  });

  describe("h2load, with four connections of ten streams", () => {
    const servers: [
      name: string,
      count: number,
      path: string,
      command: (port: number) => Promise<string[]>,
    ][] = [
      [
        "nginx",
        2000,
        `/f${size}`,
        (port) =>
          nginx(work, [`server { listen 127.0.0.1:${port} http2; sendfile on; root ${files.folder}; }`]),
      ],
      [
        "Go",
        2000,
        `/files/f${size}`,
        async (port) => [await executable("go"), `127.0.0.1:${port}`, files.folder],
      ],
      ["hypercorn", 400, "/echo", hypercorn],
    ];
    for (const [name, count, path, command] of servers)
      test(name, async () => {
        const port = await freePort();
        const file = join(files.folder, `f${size}`);
        const sends = path === "/echo" ? ["-d", file] : [];
        const capture = await Capture.start({ command: await command(port), address: port });
        try {
          const url = `http://127.0.0.1:${port}${path}`;
          const said = await nghttp2("h2load", "-n", String(count), "-c4", "-m10", ...sends, url);
          assert.match(said.toString(), new RegExp(`${count} done, ${count} succeeded`));
        } finally {
          const { lines, tally } = await capture.stop();
          const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
          const whole = lines.filter(({ response }) => response?.body.sha256 === sha256);
          assert.equal(whole.length, count, tally);
          assert.match(tally, /, nothing lost$/);
        }
      });
  });

  test("nghttp and curl ask hypercorn, by prior knowledge and by upgrade", async () => {
    const port = await freePort();
    const url = (path: string) => `http://127.0.0.1:${port}${path}`;
    const upload = join(work, "upload");
    writeFileSync(upload, randomBytes(100_000));
    const capture = await Capture.start({ command: await hypercorn(port), address: port });
    const header = (id: string) => ["-H", `${idHeader}: ${id}`];
    const curl = async (...args: string[]) => {
      const { stdout } = await run("curl", ["-s", ...args], { encoding: "buffer", maxBuffer: 1 << 24 });
      return stdout;
    };
    try {
      const answers: Record<string, Buffer> = {
        known: await nghttp2("nghttp", "-d", upload, ...header("known"), url("/echo")),
        upgraded: await nghttp2("nghttp", "-u", ...header("upgraded"), url("/bytes/70000")),
        "curl-known": await curl(
          ...["--http2-prior-knowledge", "--data-binary", `@${upload}`],
          ...[...header("curl-known"), url("/echo")],
        ),
        // Of a longer one the curl of Debian 12 gives up the half, at random.
        "curl-upgraded": await curl("--http2", ...header("curl-upgraded"), url("/bytes/700")),
      };
      const lines = await capture.linesFor(Object.keys(answers).map((id) => ({ id })));
      for (const [id, answer] of Object.entries(answers)) {
        const { request, response } = lineOf(lines, { id, target: id });
        assert.ok(answer.length > 0, id);
        assert.equal(response?.body.sha256, createHash("sha256").update(answer).digest("hex"), id);
        if (id.includes("known")) assert.equal(request?.body.sha256, response?.body.sha256);
      }
    } finally {
      await capture.stop();
    }
  });

  for (const library of ["websockets", "wsproto"])
    test(`a WebSocket of uvicorn with ${library}: each message, both ways`, async () => {
      const port = await freePort();
      const command = await uvicorn(port, library);
      const sent = Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0 ? `message ${i} ${"é".repeat(i * 200)}` : randomBytes(i * 200),
      );
      const [socket] = await recorded(command, port, work, async () => {
        const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
        await once(client, "open");
        for (const each of sent) {
          client.send(each);
          await once(client, "message");
        }
        client.close(1000, "done");
        await once(client, "close");
      });
      assert.equal(socket?.exchange.response?.status, 101);
      const { messages, notes } = await readSocket(socket.exchange, socket.read);
      assert.deepEqual(notes, []);
      const said = messages.filter(({ kind }) => kind === "text" || kind === "binary");
      // Of binary ones the beginning is given, and how much more there is.
      const binary = (bytes: Uint8Array = Buffer.of(), more = 0) =>
        `${Buffer.from(bytes.subarray(0, 100)).toString("hex")} of ${bytes.length + more}`;
      assert.deepEqual(
        said.map(({ from, kind, text, bytes, cut }) => [from, kind, text ?? binary(bytes, cut)]),
        sent.flatMap((each) =>
          ["client", "server"].map((from) =>
            typeof each === "string"
              ? [from, "text", from === "client" ? each : `echo ${each}`]
              : [from, "binary", binary(each)],
          ),
        ),
      );
      assert.ok(messages.some(({ kind, from }) => kind === "close" && from === "client"));
    });

  test("a WebSocket that was there before the capture is named", async () => {
    const port = await freePort();
    const outer = await Capture.start({ command: await uvicorn(port, "websockets"), address: port });
    const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    try {
      await once(client, "open");
      const asked = await fetch(`http://127.0.0.1:${port}/echo`, { headers: { [idHeader]: "whose" } });
      await asked.text();
      const [line] = await outer.linesFor([{ id: "whose" }]);
      const capture = await Capture.start({ options: ["--pid", String(line?.pid)] });
      for (let i = 0; i < 5; i++) {
        client.send(`message ${i} of some length`);
        await once(client, "message");
      }
      const { tally } = await capture.stop();
      assert.match(tally, /1 connection not HTTP: WebSocket begun before the capture 1/);
    } finally {
      client.terminate();
      await outer.stop();
    }
  });

  describe("grpcurl asks grpc-go behind a proxy", () => {
    let server: GrpcServer;
    let described: Description;
    before(async () => {
      server = await serveGrpc();
      const builder = new DescriptorBuilder();
      for (const file of await askForDescriptors(server.address)) addDescribedFile(builder, file);
      described = { descriptors: builder.finish(), by: "itself" };
    });
    after(() => server.stop());

    const proxies: Record<string, (port: number) => Promise<string[]>> = {
      nginx: (port) =>
        nginx(work, [
          `server { listen 127.0.0.1:${port} http2; location / { grpc_pass grpc://${server.address}; } }`,
        ]),
      async Caddy(port) {
        const config = join(work, "Caddyfile");
        writeFileSync(
          config,
          `{
             admin off
             auto_https off
             servers {
               protocols h1 h2c
             }
           }
           http://127.0.0.1:${port} {
             reverse_proxy h2c://${server.address}
           }\n`,
        );
        const caddy = await executable("caddy");
        return ["env", `HOME=${work}`, caddy, "run", "--config", config, "--adapter", "caddyfile"];
      },
    };
    for (const [name, command] of Object.entries(proxies))
      test(`${name}, on both sides of it`, async () => {
        const port = await freePort();
        const grpcurl = await ensureGrpcurl();
        const method = "grpc.testing.TestService/UnaryCall";
        const call = (ask: object) =>
          run(grpcurl, ["-plaintext", "-d", JSON.stringify(ask), `127.0.0.1:${port}`, method]);
        let answer: unknown;
        const all = await recorded(await command(port), port, work, async () => {
          answer = JSON.parse((await call({ responseSize: 3000 })).stdout);
          await assert.rejects(call({ responseStatus: { code: 5, message: "no tea" } }), /NotFound/);
        });
        for (const role of ["server", "client"] as const) {
          const calls = all.filter(
            ({ exchange }) => exchange.role === role && exchange.request?.target === `/${method}`,
          );
          const [answered, refused] = await Promise.all(
            calls.map(async ({ exchange, read }) => (await readCall(exchange, read, described)).messages),
          );
          assert.equal(calls.length, 2, role);
          const [asked, got] = answered?.filter(({ kind }) => kind !== "status") ?? [];
          assert.deepEqual(JSON.parse(asked?.text ?? ""), { responseSize: 3000 });
          assert.deepEqual(JSON.parse(got?.text ?? ""), answer);
          const status = refused?.find(({ kind }) => kind === "status");
          assert.match(`${status?.name} ${status?.text}`, /^NOT_FOUND no tea\n/);
        }
      });
  });
});
