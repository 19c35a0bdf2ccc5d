/** The optional sources switched off, broken or absent: nothing else notices. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import { Capture, dist, type Settings } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { assertGap, expectExact, lineOf } from "./harness/compare.ts";
import { executable, freePort } from "./harness/servers.ts";

const folder = mkdtempSync(join(tmpdir(), "tinytap-isolation-"));
const optional = ["sendpath.bpf.o", "pagecache.bpf.o"];

/** The build without its other bundles, and with `change` made to the optional objects. */
function distWith(name: string, change: (object: string) => void): string {
  const copy = join(folder, name);
  cpSync(dist, copy, {
    recursive: true,
    filter: (path) => path === dist || /\.(?:cjs|node|o)$/.test(basename(path)),
  });
  for (const object of optional) change(join(copy, object));
  return copy;
}

describe("isolation: optional sources", () => {
  after(() => rmSync(folder, { recursive: true }));

  const cases: [name: string, settings: () => Settings, reason: RegExp][] = [
    ["switched off", () => ({ options: ["--sendfile", "off"] }), /sendpath is off: switched off by choice/],
    [
      "removed from disk",
      () => ({ dist: distWith("removed", (file) => rmSync(file)) }),
      /sendpath is off: .*No such file/,
    ],
    [
      "unloadable",
      () => ({ dist: distWith("garbage", (file) => writeFileSync(file, randomBytes(5000))) }),
      /sendpath is off: .*open sendpath.bpf.o/,
    ],
  ];

  for (const [name, settings, reason] of cases)
    test(name, async () => {
      const address = await freePort();
      const command = [await executable("moves"), String(address)];
      const capture = await Capture.start({ ...settings(), command, address });
      try {
        assert.match(capture.errors, reason);
        const client = new Client(address);
        for (const size of [1, 4097, 300_001]) {
          await client.get(`/send/write/${size}`);
          await client.post(`/receive/readv/${size}`, randomBytes(size), { expect: true });
        }
        await expectExact(capture, client);
        const size = 70_000;
        const received = await client.get(`/file/position/${size}`);
        const { response } = lineOf(await capture.linesFor([received]), received);
        assert.equal(assertGap(response?.body, size, "no-source", "response"), size);
        client.close();
      } finally {
        await capture.stop();
      }
    });
});
