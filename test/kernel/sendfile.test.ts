/** Bodies that never pass through user space: sendfile and splice in all their ways, from several file systems. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Capture, type Settings } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { assertRaced, expectExact, lineOf } from "./harness/compare.ts";
import { executable, freePort, small, together } from "./harness/servers.ts";

/** Bytes of a file that is copied up in an overlay. */
const copiedUp = 100_000;
const sizes = [1, 511, 4095, 4096, 4097, 65_536, 300_001, 1 << 20];

async function start(settings: Settings = {}): Promise<{ capture: Capture; address: number }> {
  const address = await freePort();
  const command = [await executable("moves"), String(address)];
  return { capture: await Capture.start({ ...settings, command, address }), address };
}

/** As chosen by itself, and with the fallback. */
for (const mode of ["auto", "pagecache"])
  describe(mode === "auto" ? "sendfile" : "sendfile, pages by the page cache", () => {
    let address: number;
    let capture: Capture;

    before(async () => ({ capture, address } = await start({ options: ["--sendfile", mode] })));
    after(() => capture.stop());

    for (const name of ["position", "offset", "pieces", "corked", "with-write", "splice", "tee", "vmsplice"])
      test(`from a file: ${name}`, async () => {
        const client = new Client(address);
        for (const size of sizes) await client.get(`/file/${name}/${size}`);
        await expectExact(capture, client);
        client.close();
      });

    for (const name of ["nonblocking", "small-buffer"])
      test(`to a slow reader: ${name}`, async () => {
        const client = new Client(address);
        for (const size of [1, 65_537, 1 << 20]) await client.get(`/file/${name}/${size}`, { slow: 1 });
        await expectExact(capture, client);
        client.close();
      });

    test("while another thread writes to the caller's offset: the bytes are those from where the call began", async () => {
      const client = new Client(address);
      await client.get(`/file/overwritten-offset/${1 << 20}`, { slow: 30 });
      await expectExact(capture, client);
      client.close();
    });

    test("socket to pipe to socket", async () => {
      const client = new Client(address);
      for (const size of [1, 4097, 60_000])
        await client.post(`/echo/splice/${size}`, randomBytes(size), { expect: true });
      await expectExact(capture, client);
      client.close();
    });

    test("while another thread writes: what is shown is true", async () => {
      const client = new Client(address);
      for (let turn = 0; turn < 5; turn++) {
        const received = await client.get(`/file/racing/${1 << 20}`);
        const { response } = lineOf(await capture.linesFor([received]), received);
        assertRaced(response?.body, received);
      }
      client.close();
    });

    test("nothing is lost but to the race", async () => {
      const { tally } = await capture.stop();
      assert.match(tally, /, 0 in flight, .*(?:nothing lost|lost: concurrent \d+(?:, untraced \d+)?)$/);
    });
  });

if (!small)
  test("sendfile over 2 GiB: its size, and what is beyond the limit", async () => {
    const { capture, address } = await start();
    const client = new Client(address);
    const size = 2 ** 31 + 2 ** 28 + 1;
    const received = await client.get(`/sparse/zeros/${size}`);
    const { response } = lineOf(await capture.linesFor([received]), received);
    client.close();
    await capture.stop();
    assert.equal(received.body.size, size);
    assert.equal(response?.body.size, size);
    assert.deepEqual(response.body.missing.at(-1), { start: 128 << 20, end: size, reason: "body-limit" });
  });

for (const mode of ["auto", "pagecache"])
  describe(`files on tmpfs, ext4, overlayfs (sendfile: ${mode})`, () => {
    const folder = mkdtempSync(join(tmpdir(), "tinytap-mounts-"));
    const mounts: string[] = [];
    const servers: { name: string; port: number; command: string[] }[] = [];
    let capture: Capture;

    function mount(name: string, ...args: string[]): string {
      const at = join(folder, name);
      mkdirSync(at);
      execFileSync("mount", [...args, at], { stdio: "pipe" });
      mounts.push(at);
      return at;
    }

    const fileSystems: Record<string, () => string> = {
      tmpfs: () => mount("tmpfs", "-t", "tmpfs", "tmpfs"),
      // Large folios: a page of the file is somewhere in the middle of one.
      "tmpfs of huge pages": () => mount("huge", "-t", "tmpfs", "-o", "huge=always", "tmpfs"),
      ext4: () => {
        const image = join(folder, "image");
        execFileSync("truncate", ["-s", "32M", image]);
        execFileSync("mke2fs", ["-q", "-t", "ext4", image]);
        return mount("ext4", "-o", "loop", image);
      },
      overlayfs: () => {
        const below = mount("layers", "-t", "tmpfs", "tmpfs");
        const [lower, upper, work] = ["lower", "upper", "work"].map((name) => {
          const layer = join(below, name);
          mkdirSync(layer);
          return layer;
        });
        writeFileSync(join(lower!, "below"), randomBytes(copiedUp));
        const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
        return mount("overlayfs", "-t", "overlay", "-o", layers, "overlay");
      },
    };
    const ways: Record<string, string[]> = {
      "": [],
      ", in a mount namespace of its own": ["unshare", "--mount"],
    };
    const names = Object.keys(fileSystems).flatMap((name) => Object.keys(ways).map((way) => name + way));

    before(async () => {
      for (const [name, make] of Object.entries(fileSystems)) {
        const at = make();
        for (const [way, prefix] of Object.entries(ways)) {
          const port = await freePort();
          const command = ["env", `MOVES_FILES=${at}`, ...prefix, await executable("moves"), String(port)];
          servers.push({ name: name + way, port, command });
        }
      }
      capture = await Capture.start({
        options: ["--sendfile", mode],
        command: together(servers.map(({ command }) => command)),
        addresses: servers.map(({ port }) => port),
      });
    });

    after(async () => {
      await capture.stop();
      for (const at of mounts.toReversed()) execFileSync("umount", [at]);
      rmSync(folder, { recursive: true });
    });

    for (const name of names)
      test(name, async () => {
        const client = new Client(servers.find((each) => each.name === name)?.port ?? 0);
        for (const size of sizes) await client.get(`/file/pieces/${size}`);
        await expectExact(capture, client);
        client.close();
      });

    test("overlayfs: a file that was copied up since it was opened is read above", async () => {
      const client = new Client(servers.find((each) => each.name === "overlayfs")?.port ?? 0);
      await client.get(`/copied-up/now/${copiedUp}`);
      await expectExact(capture, client);
      client.close();
    });
  });
