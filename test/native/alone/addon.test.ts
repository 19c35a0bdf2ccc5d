/** The addon's errors, where no probe is needed to meet them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { loadAddon, type Addon } from "../../../helper/capture/addon.ts";
import { dist } from "../../../scripts/paths.mjs";
import { failureOf } from "../failure-of.ts";
import { Follower } from "../follower.ts";
import { whyNoAddon } from "../../tools.ts";

const ringBytes = 1 << 20;

describe("the addon alone", { skip: whyNoAddon() ?? false }, () => {
  let addon: Addon;
  let folder: string;
  const load = () => addon.load({ directory: folder, ownerUid: 0, ownerGid: 0, anyUser: true, ringBytes });

  before(() => {
    addon = loadAddon(dist);
    folder = mkdtempSync(join(tmpdir(), "tinytap-native-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  test("no objects: the operation, its code and errno", () => {
    const error = failureOf(load);
    assert.equal(error.operation, "open syscalls.bpf.o");
    assert.equal(error.code, "ENOENT");
    assert.equal(error.errno, 2);
    assert.match(error.message, /No such file/);
  });

  test("an object that is none", () => {
    writeFileSync(join(folder, "syscalls.bpf.o"), "not an ELF file");
    const error = failureOf(load);
    assert.equal(error.operation, "open syscalls.bpf.o");
    assert.ok(error.log !== undefined && error.log.length > 0);
  });

  test("descriptors that are no maps", () => {
    for (const fd of [-1, 999_999]) {
      assert.equal(failureOf(() => new addon.Targets(fd)).code, "EBADF");
      assert.equal(failureOf(() => new addon.Counters(fd)).code, "EBADF");
      assert.equal(failureOf(() => new Follower(addon, fd, ringBytes, 2)).code, "EBADF");
      assert.equal(failureOf(() => new addon.Mutes(fd)).code, "EBADF");
    }
  });
});
