/** How a capture of the command line ends, and what its file holds then. */
import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Har } from "har-format";
import { dist, root } from "../../scripts/paths.mjs";
import { eventually } from "./eventually.ts";
import { Terminal } from "./terminal.ts";

let folder: string;
let file: string;
before(() => (folder = mkdtempSync(join(tmpdir(), "tinytap-ending-"))));
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => (file = join(folder, "output")));

/** The answer's size. */
const size = 100_000;
const requests = 20;

/** Asks itself `requests` times; then says so, and goes on. Its arguments are what it does then, as JavaScript. */
const server = `
  const http = require("node:http");
  const server = http.createServer((request, response) => {
    if (request.url === "/half") response.write("half");
    else if (request.url === "/") response.end(Buffer.alloc(${size}, 255));
  });
  const ask = (path) => new Promise((resolve) =>
    http.get({ port: server.address().port, path }, (response) => response.resume().on("end", resolve)));
  server.listen(0, "127.0.0.1", async () => {
    for (let i = 0; i < ${requests}; i++) await ask("/");
    // First what it does then: whoever reads the line may send a signal at once.
    eval(process.argv[1] ?? "");
    console.log("asked on " + server.address().port + " by " + process.pid);
  });`;

function serverCommand(then = ""): string[] {
  return [process.execPath, "-e", server, then];
}

function har(): Har {
  return JSON.parse(readFileSync(file, "utf8")) as Har;
}

/** How many exchanges the file has: none while it is being written, which readers see piece by piece. */
function held(): number {
  try {
    return har().log.entries.length;
  } catch {
    return 0;
  }
}

/** Asserts that the file has each exchange, of the server and of the client, and every byte of it. */
function assertWhole(): void {
  const { log } = har();
  assert.deepEqual((log as unknown as { _tinytap: object })._tinytap, { end: "complete" });
  assert.equal(log.entries.length, 2 * requests);
  for (const { response } of log.entries)
    assert.equal(Buffer.from(response.content.text ?? "", "base64").length, size);
}

const tally = /\n(?:\^C)?40 exchanges, 0 in flight, \d+ bytes, nothing lost\r?\n$/;

/** A capture without a terminal. */
class Capture {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  words = "";

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [join(dist, "cli.cjs"), "capture", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stderr.on("data", (bytes: Buffer) => (this.words += bytes.toString()));
  }

  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.words);
      if (found !== null) return found[1] ?? "";
      assert.equal(this.child.exitCode, null, this.words);
      await sleep(10);
    }
  }

  /** Gives the exit code. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return this.child.exitCode;
  }
}

describe("in a terminal, through npm", () => {
  const npm = (...command: string[]) =>
    new Terminal([
      ...["npm", "--prefix", root, "run", "-s", "tinytap", "--", "capture"],
      ...["--format", "har", "--output", file, "--", ...command],
    ]);

  test("Ctrl-C, ten times: the file is whole, and the tally said", async () => {
    for (let turn = 0; turn < 10; turn++) {
      const terminal = npm(...serverCommand());
      await terminal.shows(/asked on/);
      terminal.pressCtrlC();
      assert.equal(await terminal.exited(), 0, terminal.output);
      assert.match(terminal.output, tally);
      assertWhole();
    }
  });

  test("a command that ends with kill(0, SIGTERM)", async () => {
    const script = `
      trap "kill 0" EXIT
      "$@" &
      while ! test -e ${folder}/asked; do sleep 0.1; done`;
    const asked = `require("node:fs").writeFileSync("${folder}/asked", "")`;
    const terminal = npm("sh", "-c", script, "sh", ...serverCommand(asked));
    assert.equal(await terminal.exited(), 0, terminal.output);
    assert.match(terminal.output, tally);
    assertWhole();
  });

  test("the command gets Ctrl-C once", async () => {
    const terminal = npm(
      ...serverCommand(`process.on("SIGINT", () => {
        console.log("interrupted");
        setTimeout(() => process.exit(), 500);
      })`),
    );
    await terminal.shows(/asked on/);
    terminal.pressCtrlC();
    assert.equal(await terminal.exited(), 0);
    assert.equal(terminal.output.split("interrupted").length - 1, 1, terminal.output);
  });
});

describe("a command that doesn't end", () => {
  const stubborn = serverCommand(`for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {
    console.log("got " + signal);
  })`);

  test("gets SIGINT, SIGTERM and SIGKILL, each after its grace", async () => {
    const capture = new Capture("--format", "har", "--output", file, "--duration", "3", "--", ...stubborn);
    assert.equal(await capture.ended(), 0, capture.words);
    assert.match(capture.words, /\ngot SIGINT\ngot SIGTERM\n40 exchanges, [^\n]*\n$/);
    assertWhole();
  });

  test("can be abandoned, which is said first; the file is valid, and says that it is cut", async () => {
    const capture = new Capture("--format", "har", "--output", file, "--", ...stubborn);
    await capture.says(/asked on/);
    for (let i = 0; i < 3; i++) {
      capture.child.kill("SIGINT");
      await sleep(50);
    }
    await capture.says(/again to abandon: the file will be cut\n/);
    assert.ok(!capture.words.includes("abandoned"));
    capture.child.kill("SIGINT");
    assert.equal(await capture.ended(), 1);
    assert.match(capture.words, /\ntinytap: abandoned: .*\/output is cut\n$/);
    assert.deepEqual((har().log as unknown as { _tinytap: object })._tinytap, { end: "cut" });
  });
});

test("killed: the file is valid, and says that it is cut", async () => {
  const capture = new Capture("--format", "har", "--output", file, "--", ...serverCommand());
  const pid = await capture.says(/asked on \d+ by (\d+)\n/);
  await eventually(() => held() === 2 * requests);
  capture.child.kill("SIGKILL");
  await once(capture.child, "exit");
  process.kill(Number(pid)); // nobody else ends it
  assert.deepEqual((har().log as unknown as { _tinytap: object })._tinytap, { end: "cut" });
});

test("the file keeps what it held where the capture can't start", async () => {
  writeFileSync(file, "of yesterday");
  assert.equal(await new Capture("--output", file, "--pid", "4194000").ended(), 1);
  assert.equal(readFileSync(file, "utf8"), "of yesterday");
});

describe("what hasn't ended at the end", () => {
  let child: ChildProcessByStdio<null, Readable, null>;
  let port: string;
  before(async () => {
    child = spawn(process.execPath, ["-e", server], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    port = /asked on (\d+)/.exec(line.toString())?.[1] ?? "";
  });
  after(() => child.kill());

  const words = "stopped: the capture ended first";
  const cases: Record<string, (output: string) => void> = {
    text: (output) => {
      assert.match(output, new RegExp(` GET /hang - - [^\\n]* incomplete: ${words}\\n`));
      assert.match(output, new RegExp(` GET /half 200 4 B [^\\n]* incomplete: ${words}\\n`));
    },
    jsonl: (output) => {
      const lines = output.trim().split("\n");
      const found = new Map(lines.map((line) => JSON.parse(line)).map((line) => [line.request.target, line]));
      assert.equal(found.get("/hang").end, "stopped");
      assert.equal(found.get("/hang").response, null);
      assert.equal(found.get("/half").end, "stopped");
      assert.deepEqual(found.get("/half").response.body, { size: 4, end: "stopped", missing: [] });
    },
    har: () => {
      const found = har().log.entries.map(({ request, response, ...entry }) => [
        new URL(request.url).pathname,
        { end: (entry["_tinytap"] as { end: string }).end, text: response.content.text },
      ]);
      assert.deepEqual(Object.fromEntries(found), {
        "/half": { end: "stopped", text: "half" },
        "/hang": { end: "stopped", text: undefined },
      });
    },
  };
  for (const [format, check] of Object.entries(cases))
    test(format, async () => {
      const capture = new Capture(...["--port", port, "--format", format, "--output", file]);
      await capture.says(/^capturing/);
      const abort = new AbortController();
      const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { signal: abort.signal });
      const hanging = ask("/hang").catch(() => {});
      const half = await ask("/half");
      await half.body?.getReader().read();
      capture.child.kill("SIGINT");
      assert.equal(await capture.ended(), 0, capture.words);
      assert.match(capture.words, /\n2 exchanges, 2 in flight, \d+ bytes, nothing lost\n$/);
      check(readFileSync(file, "utf8"));
      abort.abort();
      await hanging;
    });
});

test("a response without a length that is broken off after its client's FIN is a reset, in both roles", async () => {
  const program = `
    const net = require("node:net");
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.resume().on("end", () => {
        socket.write("HTTP/1.1 200 OK\\r\\n\\r\\nsome");
        setTimeout(() => socket.resetAndDestroy(), 100);
      });
    });
    server.listen(0, "127.0.0.1", () => {
      const client = net.connect({ port: server.address().port, allowHalfOpen: true });
      client.end("GET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n").resume();
      client.on("error", () => console.log("broken off"));
    });`;
  const args = ["--format", "jsonl", "--output", file, "--", process.execPath, "-e", program];
  const capture = new Capture(...args);
  await capture.says(/broken off\n/);
  capture.child.kill("SIGINT");
  assert.equal(await capture.ended(), 0, capture.words);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const found = lines
    .map((line) => JSON.parse(line))
    .map(({ role, end, response }) => [role, { exchange: end, body: response.body.end }]);
  const reset = { exchange: "reset", body: "reset" };
  assert.deepEqual(Object.fromEntries(found), { client: reset, server: reset });
});

test("a reader that has left ends the capture, and what it didn't get is counted", async () => {
  const capture = new Capture("--format", "jsonl", "--", ...serverCommand("setInterval(() => ask('/'), 50)"));
  await capture.says(/asked on/);
  capture.child.stdout.destroy();
  assert.equal(await capture.ended(), 1);
  assert.match(capture.words, /\n\d+ exchanges, [1-9]\d* of them not written, \d+ in flight, [^\n]*\n$/);
});

test("on a terminal nothing that was captured is raw", async () => {
  const asked = `require("node:net").connect(server.address().port).end(
    Buffer.from("GET /\\x9b2J\\xff HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n", "latin1"),
  ).resume()`;
  for (const format of ["text", "jsonl", "har"]) {
    const args = ["capture", "--format", format, "--", ...serverCommand(asked)];
    const terminal = new Terminal([process.execPath, join(dist, "cli.cjs"), ...args]);
    // With Ctrl-C a terminal throws away what it was given and has not shown.
    await terminal.shows(format === "har" ? /%9B2J[^]*%9B2J/ : /\\u009b2J[^]*\\u009b2J/);
    terminal.pressCtrlC();
    assert.equal(await terminal.exited(), 0);
    // In UTF-8 as it would be sent, or as a byte of its own.
    assert.doesNotMatch(terminal.output, /\xc2[\x80-\x9f]|[^\xc2-\xef\x80-\xbf]\x9b/);
  }
});
