/** What the helper may do that a user started, and what the user may do with it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import type { InitializeResult } from "../../protocol/rpc.ts";
import { ensurePackages, which } from "../../scripts/packages.mjs";
import { root } from "../../scripts/paths.mjs";
import { eventually } from "./eventually.ts";
import { ensureBpftool, exists, held } from "./probes.ts";

before(async () => {
  await ensureBpftool();
  await ensurePackages([
    { package: "sudo", why: "is how the helper becomes root", present: () => which("sudo") !== undefined },
  ]);
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
