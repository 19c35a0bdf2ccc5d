/** HTTP/2 in clear: Go's server; Node's client, which has many streams open at once, and curl. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type ClientHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, describe, test } from "node:test";
import { Capture } from "./harness/capture.ts";
import { idHeader, type Received } from "./harness/client.ts";
import { assertExact, lineOf } from "./harness/compare.ts";
import { executable, freePort, makeFiles, small } from "./harness/servers.ts";

const sizes = [0, 1, 4096, 16_384, 16_385, 70_000, ...(small ? [] : [1 << 20])];
const files = makeFiles(sizes);
const work = mkdtempSync(join(tmpdir(), "tinytap-http2-"));
after(() => {
  files.remove();
  rmSync(work, { recursive: true });
});

function digest(bytes: Uint8Array): Received["body"] {
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

let ids = 0;

async function ask(session: ClientHttp2Session, target: string, sent?: Uint8Array): Promise<Received> {
  const id = `h2-${++ids}`;
  const method = sent === undefined ? "GET" : "POST";
  const stream = session.request({ ":path": target, ":method": method, [idHeader]: id });
  stream.end(sent);
  const [headers] = (await once(stream, "response")) as [{ ":status"?: number }];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const body = digest(Buffer.concat(chunks));
  return {
    id,
    target,
    status: headers[":status"] ?? 0,
    sent: digest(sent ?? new Uint8Array(0)),
    body,
    cut: false,
  };
}

/** `query`: added to each target. */
function askAll(session: ClientHttp2Session, query = ""): Promise<Received[]> {
  const asked = sizes.flatMap((size) => [
    ask(session, `/bytes/${size}${query}`),
    ask(session, `/files/f${size}${query}`),
    ask(session, `/stream/${size}${query}`),
    ask(session, `/echo${query}`, randomBytes(size)),
  ]);
  return Promise.all(asked);
}

/** Go's server under `run`. */
async function withServer(run: (port: number, capture: Capture) => Promise<void>): Promise<void> {
  const port = await freePort();
  const command = [await executable("go"), `127.0.0.1:${port}`, files.folder];
  const capture = await Capture.start({ command, address: port });
  try {
    await run(port, capture);
  } finally {
    await capture.stop();
  }
}

describe("HTTP/2 in clear", () => {
  test("by prior knowledge: the bodies of many streams at once, by hash", () =>
    withServer(async (port, capture) => {
      const session = connect(`http://127.0.0.1:${port}`);
      const received = await askAll(session);
      const lines = await capture.linesFor(received);
      assertExact(lines, received);
      session.close();
    }));

  test("a capture that begins in the middle of a connection: all that is asked from then on, by hash", () =>
    withServer(async (port, outer) => {
      const session = connect(`http://127.0.0.1:${port}`);
      const before = await askAll(session);
      const [first] = await outer.linesFor(before);
      const capture = await Capture.start({ options: ["--pid", String(first!.pid)] });
      try {
        const received = await askAll(session, "?again");
        // By target: the name of the header with the id was sent in full before the capture began.
        const overdue = Date.now() + (small ? 60_000 : 20_000);
        while (capture.lines.length < received.length && Date.now() < overdue) await sleep(20);
        const bodies = (target?: string, sent?: string, got?: string) => `${target} ${sent} ${got}`;
        assert.deepEqual(
          capture.lines
            .map(({ request, response }) =>
              bodies(request?.target, request?.body.sha256, response?.body.sha256),
            )
            .toSorted(),
          received.map(({ target, sent, body }) => bodies(target, sent.sha256, body.sha256)).toSorted(),
        );
      } finally {
        session.close();
        await capture.stop();
      }
    }));

  test("a response whose client reads late says how long it waited for it", () =>
    withServer(async (port, capture) => {
      const session = connect(`http://127.0.0.1:${port}`);
      const [pause, target] = [500, "/bytes/200000"];
      const stream = session.request({ ":path": target, [idHeader]: "late" });
      await once(stream, "response");
      await sleep(pause);
      for await (const _chunk of stream);
      const [line] = await capture.linesFor([{ id: "late" }]);
      assert.ok((line?.stalled?.response ?? 0) > pause / 2, JSON.stringify(line));
      session.close();
    }));

  const noCurl = spawnSync("curl", ["--version"], { encoding: "utf8" }).stdout?.includes("HTTP2") !== true;
  test(
    "curl, by prior knowledge, both as the server and as the client sees it",
    { skip: noCurl && "no curl that speaks it" },
    async () => {
      const port = await freePort();
      const upload = join(work, "upload");
      writeFileSync(upload, randomBytes(100_000));
      const server = await executable("go");
      const answer = join(work, "answer");
      const asks = `curl -s --http2-prior-knowledge -H '${idHeader}: curl' -o ${answer} --data-binary @${upload} http://127.0.0.1:${port}/echo`;
      const script = [
        `${server} 127.0.0.1:${port} ${files.folder} & server=$!`,
        "trap 'kill $server' INT TERM",
        `while ! ${asks}; do sleep 0.1; done`,
        "wait",
      ];
      const command = ["sh", "-c", script.join("\n")];
      const capture = await Capture.start({ command, address: port });
      try {
        const received = [{ id: "curl" }];
        await capture.linesFor(received, "server");
        const lines = await capture.linesFor(received, "client");
        const target = "/echo";
        for (const role of ["server", "client"] as const) {
          const line = lineOf(lines, { id: "curl", target }, role);
          assert.equal(line.request?.body.sha256, digest(readFileSync(upload)).sha256);
          assert.equal(line.response?.body.sha256, digest(readFileSync(answer)).sha256);
        }
      } finally {
        await capture.stop();
      }
    },
  );
});
