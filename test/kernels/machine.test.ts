/** What leaves a machine, and when it ends. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Archive } from "../../scripts/machines/cpio.ts";
import { noOtherReleases } from "../../scripts/machines/debian.ts";
import { fetchKernel, kernels } from "../../scripts/machines/kernels.ts";
import { receive, send } from "../../scripts/machines/port.ts";
import { needs, writeCommand, writeSystem } from "../../scripts/machines/system.ts";
import { ensurePackages, whyNotInstalled } from "../../scripts/packages.mjs";

const skip = (await noOtherReleases()) || ((await whyNotInstalled(() => ensurePackages(needs))) ?? false);

describe("a machine", { skip }, () => {
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-machine-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** With nothing in it but busybox, to run `command`. */
  async function machine(name: string, command: string, timeout: number) {
    const kernel = kernels.find((each) => each.name === "6.12");
    assert.ok(kernel);
    const unpacked = await fetchKernel(kernel);
    const initramfs = join(folder, name);
    const archive = new Archive(initramfs);
    await writeSystem(archive, new Map(), []);
    writeCommand(archive, unpacked, [], command);
    archive.end();
    return { image: unpacked.image, initramfs, log: join(folder, `${name}.log`), timeout, processors: 1 };
  }

  test("hands out a file through its port, equal by hash", async () => {
    const bytes = "head -c 5000003 /dev/urandom > /tmp/file; sha256sum < /tmp/file";
    const lines: string[] = [];
    const file = join(folder, "file, and a comma");
    await receive(await machine("sender", `${bytes}\n${send("/tmp/file")}`, 120_000), file, (line) => {
      lines.push(line);
    });
    const arrived = readFileSync(file);
    assert.equal(arrived.length, 5_000_003);
    assert.equal(lines[0], `${createHash("sha256").update(arrived).digest("hex")}  -`);
  });

  test("that ends without a whole file is an error, with its console's last lines", async () => {
    const half = "head -c 100000 /dev/urandom > /tmp/file; head -c 5000 /tmp/file > /dev/vport0p1";
    const words = `${half}; echo "sent $(sha256sum < /tmp/file)"; echo the end is near > /dev/kmsg`;
    const file = join(folder, "half a file");
    await assert.rejects(
      receive(await machine("half", words, 120_000), file, () => {}),
      (error: Error) => {
        assert.match(error.message, /sent a file of SHA-256 [0-9a-f]{64}; [0-9a-f]{64} arrived/);
        assert.match(error.message, /the end is near/);
        return true;
      },
    );
  });

  test("whose kernel panics boots again", async () => {
    const panics = 'echo "attempt"; sleep 1; echo c > /proc/sysrq-trigger; sleep 100';
    let attempts = 0;
    await assert.rejects(
      receive(await machine("panicking", panics, 60_000), join(folder, "none"), () => attempts++),
      /had sent no file[^]*Kernel panic/,
    );
    assert.equal(attempts, 3);
  });

  test("that hangs is stopped at its limit, with its console's last lines", async () => {
    const began = Date.now();
    const hanging = await machine("hanging", "sleep 1000", 20_000);
    await assert.rejects(
      receive(hanging, join(folder, "nothing"), () => {}),
      (error: Error) => {
        assert.match(error.message, /stopped after 20 s/);
        assert.match(error.message, /^\[ +\d+\.\d+\] /m);
        return true;
      },
    );
    assert.ok(Date.now() - began < 60_000);
  });

  test("is gone when the program that boots it is interrupted", async () => {
    const room = join(import.meta.dirname, "../../scripts/machines");
    const words = `
      const { boot } = await import(${JSON.stringify(join(room, "machine.ts"))});
      for await (const line of boot(${JSON.stringify(await machine("interrupted", "echo up; sleep 1000", 120_000))}))
        console.log(line);`;
    const program = spawn(process.execPath, ["--input-type=module", "-e", words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(program, "exit");
    const [line] = await once(createInterface({ input: program.stdout }), "line");
    assert.equal(line, "up");
    const children = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8");
    const qemu = Number(children);
    assert.ok(existsSync(`/proc/${qemu}`), children);
    program.kill("SIGINT");
    assert.deepEqual(await ended, [130, null]);
    for (let tries = 0; tries < 50 && existsSync(`/proc/${qemu}`); tries++) await sleep(100);
    assert.equal(existsSync(`/proc/${qemu}`), false);
  });
});
