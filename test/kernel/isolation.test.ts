/** The optional sources switched off, broken or absent: nothing else notices. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import { Capture, dist, type Settings } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { assertGap, expectExact, lineOf } from "./harness/compare.ts";
import { executable, freePort } from "./harness/servers.ts";

const folder = mkdtempSync(join(tmpdir(), "tinytap-isolation-"));
const optional = ["sendpath.bpf.o", "pagecache.bpf.o"];

/** The build without its other bundles, and with `change` made to these of its objects. */
function distWith(name: string, objects: string[], change: (object: string) => void): string {
  const copy = join(folder, name);
  cpSync(dist, copy, {
    recursive: true,
    filter: (path) => path === dist || /\.(?:cjs|node|o)$/.test(basename(path)),
  });
  for (const object of objects) change(join(copy, object));
  return copy;
}

/** Replaces each `from` by a `to` of the same length. */
function patch(file: string, from: Buffer, to: Buffer): void {
  const bytes = readFileSync(file);
  const places: number[] = [];
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) places.push(at);
  assert.ok(places.length > 0 && from.length === to.length, `nothing to patch in ${file}`);
  for (const at of places) to.copy(bytes, at);
  writeFileSync(file, bytes);
}

/** As on a kernel that has no such function or tracepoint. */
function withoutProbe(file: string, name: string): void {
  patch(file, Buffer.from(name), Buffer.from(name.replaceAll(/[a-z]/g, "x")));
}

/** Page numbers times 8192 instead of 4096: `rN <<= 12` becomes `rN <<= 13`. */
function withWrongTranslation(file: string): void {
  for (let register = 0; register < 10; register++) {
    const instruction = (shift: number) => Buffer.from([0x67, register, 0, 0, shift, 0, 0, 0]);
    if (readFileSync(file).includes(instruction(12))) patch(file, instruction(12), instruction(13));
  }
}

/** Dynamic responses and requests are exact, whatever became of the optional sources. */
async function expectDynamic(capture: Capture, client: Client): Promise<void> {
  for (const size of [1, 4097, 300_001]) {
    await client.get(`/send/write/${size}`);
    await client.post(`/receive/readv/${size}`, randomBytes(size), { expect: true });
  }
  await expectExact(capture, client);
}

describe("isolation: optional sources", () => {
  after(() => rmSync(folder, { recursive: true }));

  async function capturing(
    settings: Settings,
    work: (capture: Capture, client: Client) => Promise<void>,
  ): Promise<void> {
    const address = await freePort();
    const command = [await executable("moves"), String(address)];
    const capture = await Capture.start({ ...settings, command, address });
    const client = new Client(address);
    try {
      await work(capture, client);
    } finally {
      client.close();
      await capture.stop();
    }
  }

  const cases: [name: string, settings: () => Settings, reason: RegExp][] = [
    ["switched off", () => ({ options: ["--sendfile", "off"] }), /switched off by choice/],
    [
      "removed from disk",
      () => ({ dist: distWith("removed", optional, (file) => rmSync(file)) }),
      /No such file/,
    ],
    [
      "unloadable",
      () => ({ dist: distWith("garbage", optional, (file) => writeFileSync(file, randomBytes(5000))) }),
      /open \w+.bpf.o/,
    ],
    [
      "with a wrong translation of pages: the self-test refuses them",
      () => ({ dist: distWith("wrong", optional, withWrongTranslation) }),
      /the self-test captured/,
    ],
  ];

  for (const [name, settings, reason] of cases)
    test(name, () =>
      capturing(settings(), async (capture, client) => {
        for (const source of ["sendpath", "pagecache"]) {
          const line = capture.errors.split("\n").find((each) => each.includes(`${source} is off: `));
          assert.match(line ?? capture.errors, reason);
        }
        await expectDynamic(capture, client);
        const size = 70_000;
        const received = await client.get(`/file/position/${size}`);
        const { response } = lineOf(await capture.linesFor([received]), received);
        assert.equal(assertGap(response?.body, size, "no-source", "response"), size);
      }),
    );

  test("a kernel without the send path's probes: the page cache stands in", () =>
    capturing(
      { dist: distWith("no-sendpath", ["sendpath.bpf.o"], (file) => withoutProbe(file, "tcp_send")) },
      async (capture, client) => {
        assert.match(capture.errors, /sendpath is off: .*raw_tp tcp_sendmsg_locked: .*kprobe/);
        await expectDynamic(capture, client);
        for (const size of [1, 70_000, 1 << 20]) await client.get(`/file/pieces/${size}`);
        await expectExact(capture, client);
      },
    ));

  test("a kernel without a tracepoint of the required source: refused, and it says which", async () => {
    const lacking = distWith("no-tracepoint", ["syscalls.bpf.o"], (file) =>
      withoutProbe(file, "tcp_destroy_sock"),
    );
    await assert.rejects(
      capturing({ dist: lacking }, () => Promise.resolve()),
      /ended before it stood:\n[^]*could not be attached: attach raw_tp\/xxx_xxxxxxx_xxxx: No such file/,
    );
  });
});
