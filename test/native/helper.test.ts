/** The helper's life: what it may do, how it ends, and what it answers to nonsense. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { spawnHelper, type Helper } from "../../client/helper.ts";
import type { InitializeResult } from "../../protocol/rpc.ts";
import { ensurePackages, which } from "../../scripts/packages.mjs";
import { dist, root } from "../../scripts/paths.mjs";
import { eventually } from "./eventually.ts";

function start(lines: string[] = []): Promise<Helper> {
  return spawnHelper({ node: process.execPath, directory: dist, log: (line) => lines.push(line) });
}

/** Numbers of the links and programs that a process holds in the kernel. */
function held(pid: number): { links: string[]; programs: string[] } {
  const found = { links: new Set<string>(), programs: new Set<string>() };
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8");
    const [link, program] = [/^link_id:\s*(\d+)/m.exec(info)?.[1], /^prog_id:\s*(\d+)/m.exec(info)?.[1]];
    if (link !== undefined) found.links.add(link);
    if (program !== undefined) found.programs.add(program);
  }
  return { links: [...found.links], programs: [...found.programs] };
}

function exists(kind: "link" | "prog", id: string): boolean {
  return spawnSync(bpftool(), [kind, "show", "id", id]).status === 0;
}

/** Debian has it where a user's PATH doesn't look. */
function bpftool(): string {
  return which("bpftool") ?? "/usr/sbin/bpftool";
}

before(() =>
  ensurePackages([
    {
      package: "bpftool",
      why: "shows what is left in the kernel",
      present: () => spawnSync(bpftool(), ["version"]).status === 0,
    },
    { package: "sudo", why: "is how the helper becomes root", present: () => which("sudo") !== undefined },
  ]),
);

describe("however the helper ends, its probes end with it", () => {
  const ends: [string, (helper: Helper) => unknown][] = [
    ["end of stdin", (helper) => helper.stdin.end()],
    ["SIGKILL", (helper) => process.kill(helper.pid, "SIGKILL")],
    ["a crash", (helper) => process.kill(helper.pid, "SIGSEGV")],
    ["a frame that is none", (helper) => helper.stdin.write("Content-Length: no\r\n\r\n")],
    ["notification exit", (helper) => write(helper, { jsonrpc: "2.0", method: "exit" })],
  ];
  for (const [name, end] of ends)
    test(name, async () => {
      const helper = await start();
      const { links, programs } = held(helper.pid);
      assert.ok(links.length >= 7, `${links.length} links`);
      assert.ok(links.every((id) => exists("link", id)) && programs.every((id) => exists("prog", id)));
      end(helper);
      await helper.exited;
      helper.stdin.destroy();
      // The kernel frees them a moment later.
      await eventually(() => !links.some((id) => exists("link", id)));
      await eventually(() => !programs.some((id) => exists("prog", id)));
    });
});

test("signals that its whole process group gets don't end it", async () => {
  const helper = await start();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.kill(helper.pid, signal);
  await sleep(100);
  helper.stdin.end();
  assert.deepEqual(await helper.exited, { code: 0, signal: null });
});

function write(helper: Helper, message: object): void {
  const text = JSON.stringify(message);
  helper.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

test("a ring of no such size is refused", async () => {
  for (const ringSize of [0, 3, 128, Number.NaN])
    await assert.rejects(
      spawnHelper({ node: process.execPath, directory: dist, ringSize, log: () => {} }),
      /The ring buffer can have 1, 2, 4, 8, 16, 32, 64 MiB, not/,
    );
});

describe("what is no JSON-RPC ends the helper with a word on why", () => {
  const cases: [string, string, RegExp][] = [
    ["no header", "hello\r\n\r\n", /no Content-Length/],
    ["no length", "Content-Length: many\r\n\r\n", /no Content-Length/],
    ["a frame of a terabyte", "Content-Length: 999999999999\r\n\r\n", /above the limit/],
    ["a header without end", "x".repeat(5000), /longer than 1024 bytes/],
    ["no JSON", "Content-Length: 5\r\n\r\nhello", /no valid JSON-RPC/],
  ];
  for (const [name, bytes, words] of cases)
    test(name, async () => {
      const lines: string[] = [];
      const helper = await start(lines);
      helper.stdin.write(bytes);
      const { code } = await helper.exited;
      assert.equal(code, 2);
      await eventually(() => words.test(lines.join("\n"))); // its last line may still be on its way
      helper.stdin.destroy();
    });
});

describe("requests", () => {
  let helper: Helper;
  let connection: ReturnType<typeof createMessageConnection>;

  before(async () => {
    helper = await start();
    connection = createMessageConnection(
      new StreamMessageReader(helper.stdout),
      new StreamMessageWriter(helper.stdin),
    );
    connection.listen();
  });

  after(async () => {
    connection.dispose();
    helper.stdin.end();
    await helper.exited;
  });

  const refused = (method: string, params: unknown, code: number, message: RegExp) =>
    assert.rejects(connection.sendRequest(method, params), (error: { code: number; message: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  const initialize = (initializationOptions: unknown) => ["initialize", { initializationOptions }] as const;
  const invalidParams = -32602;

  test("before initialize", () => refused("tinytap/status", null, -32002, /before initialize/));
  test("an unknown method", () => refused("tinytap/exec", null, -32601, /tinytap\/exec/));

  for (const [options, message] of [
    ["all", /initializationOptions must be an object/],
    [{ targets: 5 }, /targets must be a list/],
    [{ targets: [{ pid: "1" }] }, /pid must be a whole number/],
    [{ targets: [{ pid: 2 ** 22 + 1 }] }, /pid must be a whole number/],
    [{ ports: [70_000] }, /ports must be a whole number from 1 to 65535, not 70000/],
    [{ maxBody: -1 }, /maxBody must be/],
    [{ maxBody: 1.5 }, /maxBody must be/],
    [{ sendfile: "maybe" }, /sendfile must be one of auto, sendpath, pagecache, off, not maybe/],
    [{ feed: "all" }, /feed must be one of/],
  ] as const)
    test(`wrong options: ${JSON.stringify(options)}`, () =>
      refused(...initialize(options), invalidParams, message));

  test("a process that doesn't exist", async () => {
    const result: InitializeResult = await connection.sendRequest(
      ...initialize({ targets: [{ pid: 2 ** 22 - 1 }] }),
    );
    assert.match(result.targets[0]?.error ?? "", /there is no process 4194303/);
    assert.deepEqual(result.status.targets, []);
  });

  test("twice", () => refused(...initialize({}), -32603, /initialize came twice/));
  test("an exchange that isn't", async () =>
    assert.equal(await connection.sendRequest("tinytap/exchange", { id: 99 }), null));
  test("ranges that aren't", () =>
    refused("tinytap/body", { id: 1, side: "request", start: 5, end: 1 }, invalidParams, /end must be/));
  test("a side that isn't", () =>
    refused("tinytap/body", { id: 1, side: "left", start: 0, end: 1 }, invalidParams, /side must be one of/));
});

describe("started by a user through sudo", () => {
  const uid = 54_321;
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-user-"));
    const account = `tester:x:${uid}:${uid}:tester:/tmp:/bin/sh\n`;
    writeFileSync(join(folder, "passwd"), readFileSync("/etc/passwd", "utf8") + account);
    writeFileSync(join(folder, "group"), `${readFileSync("/etc/group", "utf8")}tester:x:${uid}:\n`);
    writeFileSync(
      join(folder, "shadow"),
      `${readFileSync("/etc/shadow", "utf8")}tester:*:19000:0:99999:7:::\n`,
    );
    const policy = "root ALL=(ALL) NOPASSWD: ALL\ntester ALL=(ALL) NOPASSWD: ALL\n";
    writeFileSync(join(folder, "sudoers"), policy, { mode: 0o440 });
  });
  after(() => rmSync(folder, { recursive: true }));

  /**
   * Runs test/native/as-user.ts as a user whom only this run knows: in a mount namespace with an /etc of its own, where
   * the checkout and Node are within the user's reach.
   */
  async function asUser(work: (facts: Facts) => void | Promise<void>): Promise<void> {
    const script = `
      set -e
      for name in passwd group shadow sudoers; do mount --bind ${folder}/$name /etc/$name; done
      mount -t tmpfs tmpfs /mnt
      mkdir /mnt/node /mnt/tinytap
      mount --bind ${dirname(process.execPath)} /mnt/node
      mount --bind ${root} /mnt/tinytap
      cd /mnt/tinytap
      exec setpriv --reuid=${uid} --regid=${uid} --init-groups /mnt/node/node test/native/as-user.ts`;
    const child = spawn("unshare", ["--mount", "/bin/sh", "-c", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
      await work(JSON.parse(line) as Facts);
    } finally {
      child.stdin.end();
      await once(child, "exit");
    }
  }

  /** What as-user.ts finds out. */
  interface Facts {
    pid: number;
    ownUid: number;
    targets: InitializeResult["targets"];
    /** How often it could read the helper's memory before that stood, and how often it couldn't. */
    early: { allowed: number; denied: number };
    /** What happened as the user tried to reach into the helper: `errno` names. */
    attempts: Record<string, string>;
  }

  test("between its execve and its main, too, nobody can trace it", () =>
    asUser(({ early: { allowed, denied } }) => {
      assert.equal(allowed, 0);
      assert.ok(denied > 0, "it was tried while it started");
    }));

  test("it is the user's, without a capability in any thread, and nobody's to trace", () =>
    asUser(({ pid, ownUid, attempts, targets }) => {
      assert.equal(ownUid, uid);
      const threads = readdirSync(`/proc/${pid}/task`);
      assert.ok(threads.length > 4);
      for (const thread of threads) {
        const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
        assert.match(status, new RegExp(`^Uid:(?:\\s+${uid}){4}$`, "m"));
        assert.match(status, new RegExp(`^Gid:(?:\\s+${uid}){4}$`, "m"));
        assert.match(status, new RegExp(`^Groups:\\s+${uid}\\s*$`, "m"));
        for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"])
          assert.match(status, new RegExp(`^Cap${set}:\\s+0+$`, "m"));
        assert.match(status, /^NoNewPrivs:\s+1$/m);
      }
      assert.deepEqual(attempts, { fd: "EACCES", mem: "EACCES", environ: "EACCES", ptrace: "EPERM" });
      // Its own parent may be watched, a process of root may not.
      assert.deepEqual(
        targets.map(({ error }) => error?.replace(/\d+/, "N")),
        [undefined, "process N belongs to another user (uid 0), whose traffic may not be captured"],
      );
    }));

  test("its environment is an allow-list", () =>
    asUser(({ pid }) => {
      const names = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
      assert.deepEqual(
        new Set(names.map((each) => each.split("=")[0])),
        new Set(["ELECTRON_RUN_AS_NODE", "LANG", "UV_USE_IO_URING"]),
      );
    }));

  test("its probes end with it", async () => {
    let links: string[] = [];
    await asUser(({ pid }) => {
      links = held(pid).links;
      assert.ok(links.length >= 7);
    });
    await eventually(() => !links.some((id) => exists("link", id)));
  });
});
