/** The addon by itself: errors, bounds, two environments at once, ends in the middle. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  isNativeError,
  loadAddon,
  type Addon,
  type Loaded,
  type NativeError,
} from "../../helper/capture/addon.ts";
import { decode } from "../../helper/capture/records.ts";
import { judge } from "../../helper/capture/self-test.ts";
import type { TrafficEvent } from "../../helper/stream/segment.ts";
import { multiarchInclude } from "../../scripts/packages.mjs";
import { dist, root } from "../../scripts/paths.mjs";

const ringBytes = 1 << 20;
const options = { directory: dist, ownerUid: 0, anyUser: true, ringBytes };
const addon = loadAddon(dist);
let loaded: Loaded;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-native-"));
  loaded = addon.load(options);
});

after(() => {
  closeAll(loaded);
  rmSync(folder, { recursive: true });
});

function closeAll({ ring, targets, counters, mutes, sources }: Loaded): void {
  for (const fd of [ring, targets, counters, mutes, ...sources.flatMap(({ links }) => links)]) closeSync(fd);
}

function failureOf(body: () => unknown): NativeError {
  try {
    body();
  } catch (error) {
    assert.ok(isNativeError(error), String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}

/** Everything in the ring, as events. */
function drainAll(ring: InstanceType<Addon["Ring"]>, buffer = new Uint8Array(ringBytes)): TrafficEvent[] {
  const events: TrafficEvent[] = [];
  for (let more = true; more;) {
    const drained = ring.drain(buffer);
    assert.equal(drained.bad, 0);
    decode(buffer, drained.bytes, (event) => {
      if (event.kind === "segment") events.push({ ...event, bytes: event.bytes.slice() });
      else if (event.kind !== "process") events.push(event);
    });
    more = drained.more;
  }
  return events;
}

test("no objects: the operation, its code and errno", () => {
  const error = failureOf(() => addon.load({ ...options, directory: folder }));
  assert.equal(error.operation, "open syscalls.bpf.o");
  assert.equal(error.code, "ENOENT");
  assert.equal(error.errno, 2);
  assert.match(error.message, /No such file/);
});

test("an object that is none", () => {
  writeFileSync(join(folder, "syscalls.bpf.o"), "not an ELF file");
  const error = failureOf(() => addon.load({ ...options, directory: folder }));
  assert.equal(error.operation, "open syscalls.bpf.o");
  assert.ok(error.log !== undefined && error.log.length > 0);
});

test("a program that the verifier refuses: its word on it", () => {
  const source = join(folder, "syscalls.bpf.c");
  const lines = readFileSync(join(root, "bpf/syscalls.bpf.c"), "utf8");
  writeFileSync(
    source,
    `${lines}
SEC("raw_tp/sys_enter")
int unchecked(void *ctx)
{
	u32 key = 0;
	struct call *call = bpf_map_lookup_elem(&calls, &key);
	return call->fd;
}
`,
  );
  const flags = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86", "-I", join(root, "bpf")];
  const output = join(folder, "syscalls.bpf.o");
  execFileSync("clang", [...flags, "-I", multiarchInclude, "-c", source, "-o", output]);
  const error = failureOf(() => addon.load({ ...options, directory: folder }));
  assert.equal(error.operation, "load syscalls.bpf.o");
  assert.equal(error.code, "EACCES");
  assert.match(error.log ?? "", /invalid mem access/);
});

test("without the optional objects: each off with its reason, the required one on", () => {
  copyFileSync(join(dist, "syscalls.bpf.o"), join(folder, "syscalls.bpf.o"));
  const partial = addon.load({ ...options, directory: folder });
  const [syscalls, ...optional] = partial.sources;
  assert.equal(syscalls?.name, "syscalls");
  assert.ok(syscalls.links.length > 0);
  assert.ok(optional.length > 0);
  for (const source of optional) {
    assert.deepEqual([source.probe, source.links], ["", []]);
    assert.match(source.refused.join("\n"), /\.bpf\.o: No such file/);
  }
  closeAll(partial);
});

test("descriptors that are no maps", () => {
  for (const fd of [-1, 999_999]) {
    assert.equal(failureOf(() => new addon.Targets(fd)).code, "EBADF");
    assert.equal(failureOf(() => new addon.Counters(fd)).code, "EBADF");
    assert.equal(failureOf(() => new addon.Mutes(fd)).code, "EBADF");
    assert.equal(failureOf(() => new addon.Ring(fd, ringBytes, () => {})).code, "EBADF");
  }
  assert.equal(failureOf(() => new addon.Ring(loaded.ring, 4 * ringBytes, () => {})).operation, "mmap");
});

test("targets: bounds", () => {
  const targets = new addon.Targets(loaded.targets);
  for (const pid of [0, -1, 2 ** 22, 2 ** 31, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY, Infinity]) {
    assert.equal(failureOf(() => targets.set(pid, 1)).code, "ERANGE", String(pid));
    assert.equal(failureOf(() => targets.get(pid)).code, "ERANGE", String(pid));
  }
  for (const pid of [1, 4095, 4096, 2 ** 22 - 1]) {
    targets.set(pid, 3);
    assert.equal(targets.get(pid), 3);
    targets.set(pid, 0);
  }
});

test("targets: those that have flags", () => {
  const targets = new addon.Targets(loaded.targets);
  const pids = [1, 2, 4095, 4096, 100_007, 2 ** 22 - 1];
  assert.deepEqual(targets.pids(), []);
  for (const pid of pids) targets.set(pid, 2);
  assert.deepEqual(targets.pids(), pids);
  for (const pid of pids) targets.set(pid, 0);
  assert.deepEqual(targets.pids(), []);
});

test("the exercise comes through a small buffer, record by record", () => {
  const ring = new addon.Ring(loaded.ring, ringBytes, () => {});
  const targets = new addon.Targets(loaded.targets);
  targets.set(process.pid, 1);
  const exercise = addon.exercise();
  targets.set(process.pid, 0);
  assert.deepEqual(ring.drain(new Uint8Array(0)), { bytes: 0, more: true, bad: 0 });
  assert.deepEqual(ring.drain(new Uint8Array(71)), { bytes: 0, more: true, bad: 0 });
  const events = drainAll(ring, new Uint8Array(70_000));
  assert.equal(judge(exercise, events).syscalls, undefined);
  ring.close();
});

test("closed twice, and used after", () => {
  const ring = new addon.Ring(loaded.ring, ringBytes, () => {});
  ring.close();
  ring.close();
  ring.resume();
  assert.equal(failureOf(() => ring.drain(new Uint8Array(100))).code, "EBADF");
});

test("it says once that records wait, and again when asked", async () => {
  let calls = 0;
  const ring = new addon.Ring(loaded.ring, ringBytes, () => calls++);
  const targets = new addon.Targets(loaded.targets);
  targets.set(process.pid, 1);
  addon.exercise();
  targets.set(process.pid, 0);
  await sleep(100);
  assert.equal(calls, 1);
  ring.resume();
  await sleep(100);
  assert.equal(calls, 2);
  drainAll(ring);
  ring.resume();
  await sleep(100);
  assert.equal(calls, 2);
  ring.close();
});

/** Loads the addon a second time, in a thread; its ring is being waited for when it ends. */
const inWorker = `
  const { parentPort, workerData } = require("node:worker_threads");
  const module_ = { exports: {} };
  process.dlopen(module_, workerData.addon);
  const addon = module_.exports;
  const loaded = addon.load(workerData.options);
  const targets = new addon.Targets(loaded.targets);
  const ring = new addon.Ring(loaded.ring, workerData.options.ringBytes, () => {});
  targets.set(process.pid, 1);
  addon.exercise();
  targets.set(process.pid, 0);
  parentPort.postMessage(ring.drain(new Uint8Array(workerData.options.ringBytes)).bytes);
  setInterval(() => {}, 1000);
`;

test("two environments at once; one is terminated while it waits", async () => {
  const ring = new addon.Ring(loaded.ring, ringBytes, () => {});
  const workerData = { addon: join(dist, "tinytap.node"), options };
  for (let turn = 0; turn < 3; turn++) {
    const worker = new Worker(inWorker, { eval: true, workerData });
    const bytes = await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    assert.ok(Number(bytes) > 20_000);
    await worker.terminate();
  }
  const targets = new addon.Targets(loaded.targets);
  targets.set(process.pid, 1);
  const exercise = addon.exercise();
  targets.set(process.pid, 0);
  assert.equal(judge(exercise, drainAll(ring)).syscalls, undefined);
  ring.close();
});

test("the process ends while the ring is waited for", () => {
  const script = `
    const module_ = { exports: {} };
    process.dlopen(module_, ${JSON.stringify(join(dist, "tinytap.node"))});
    const addon = module_.exports;
    const loaded = addon.load(${JSON.stringify(options)});
    globalThis.ring = new addon.Ring(loaded.ring, ${ringBytes}, () => {});
    setTimeout(() => process.exit(7), 50);`;
  const { status, signal, stderr } = spawnSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.deepEqual([status, signal], [7, null], stderr);
});

test("drain reads no byte past a record (AddressSanitizer, crafted rings)", () => {
  const program = join(folder, "ring_test");
  const flags = ["-std=c++20", "-g", "-O1", "-pthread", "-Wall", "-Wextra", "-Werror"];
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const sources = ["test/native/ring_test.cc", "native/ring.cc"];
  execFileSync("c++", [...flags, ...sanitizers, "-o", program, ...sources], { cwd: root });
  const { status, stderr } = spawnSync(program, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
