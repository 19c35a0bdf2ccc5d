/** The addon with its probes: bounds, two environments at once, ends in the middle. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { control, controlWords, loadAddon, type Exercise, type Loaded } from "../../helper/capture/addon.ts";
import { judge } from "../../helper/capture/self-test.ts";
import { slabBytes } from "../../helper/memory/slabs.ts";
import { multiarchInclude, which } from "../../scripts/packages.mjs";
import { dist, root } from "../../scripts/paths.mjs";
import { small } from "../kernel/harness/servers.ts";
import { descriptors } from "./descriptors.ts";
import { eventually } from "./eventually.ts";
import { failureOf } from "./failure-of.ts";
import { Follower } from "./follower.ts";

const ringBytes = 1 << 20;
const options = { directory: dist, ownerUid: 0, ownerGid: 0, anyUser: true, ringBytes };
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

function closeAll(one: Loaded): void {
  for (const fd of descriptors(one)) closeSync(fd);
}

function follow(t: TestContext, slabs: number): Follower {
  const follower = new Follower(addon, loaded.ring, ringBytes, slabs);
  t.after(() => follower.drain.close());
  return follower;
}

/** Known traffic of this process, for whoever drains `of`. */
function exerciseSeenBy(of: Loaded): Exercise {
  const targets = new addon.Targets(of.targets);
  targets.set(process.pid, 1);
  const exercise = addon.exercise();
  targets.set(process.pid, 0);
  return exercise;
}

const noClang = which("clang") === undefined && "takes clang";

test("a program that the verifier refuses: its word on it", { skip: noClang }, () => {
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

test("a drain's arguments", () => {
  for (const size of [2 * ringBytes, 4 * ringBytes])
    assert.equal(failureOf(() => new Follower(addon, loaded.ring, size, 2)).operation, "mmap");
  for (const size of [0, -1, 4095, ringBytes - 4096, Number.NaN])
    assert.equal(failureOf(() => new Follower(addon, loaded.ring, size, 2)).code, "EINVAL", String(size));
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  const drain = (memory: Uint8Array, words: Int32Array) =>
    new addon.Drain(loaded.ring, ringBytes, memory, words, () => {});
  const memory = new Uint8Array(shared(2 * slabBytes));
  const words = new Int32Array(shared(4 * controlWords(2)));
  for (const wrong of [0, slabBytes, 2 * slabBytes - 8, 2.5 * slabBytes])
    assert.match(failureOf(() => drain(new Uint8Array(shared(wrong)), words)).message, /slabs of 1 MiB/);
  assert.match(failureOf(() => drain(memory, words.subarray(1))).message, /control words/);
  const shifted = new Uint8Array(shared(2 * slabBytes + 4), 4);
  assert.match(failureOf(() => drain(shifted, words)).message, /aligned/);
  assert.throws(() => drain(new Uint8Array(2 * slabBytes), words), /^TypeError: memory/);
  assert.throws(() => drain(memory, new Int32Array(100)), /^TypeError: control/);
  for (const wrong of [undefined, {}, new SharedArrayBuffer(8), new Uint8ClampedArray(shared(2 * slabBytes))])
    assert.throws(() => drain(wrong as Uint8Array, words), /^TypeError: memory/);
  assert.throws(
    () => drain(memory, new Uint32Array(shared(400)) as unknown as Int32Array),
    /^TypeError: contr/,
  );
  const noFunction = undefined as unknown as () => void;
  assert.throws(
    () => new addon.Drain(loaded.ring, ringBytes, memory, words, noFunction),
    /^TypeError: onReady/,
  );
});

test("the exercise comes through few slabs, again and again", async (t) => {
  const follower = follow(t, 4);
  while (follower.position * 8 < 5 * slabBytes) {
    const exercise = exerciseSeenBy(loaded);
    assert.equal(judge(exercise, await follower.events()).syscalls, undefined);
  }
  assert.equal(Atomics.load(follower.control, control.shedRecords), 0);
});

test("closed twice, and used after", (t) => {
  const { drain } = follow(t, 2);
  drain.close();
  drain.close();
  drain.wake();
  assert.deepEqual([drain.bad(), drain.failure()], [0, undefined]);
  assert.equal(failureOf(() => drain.produced()).code, "EBADF");
});

test("it wakes a reader that waits, and no other", async (t) => {
  const follower = follow(t, 2);
  exerciseSeenBy(loaded);
  await follower.events();
  await sleep(50);
  assert.equal(follower.calls, 0);
  Atomics.store(follower.control, control.caughtUp, 1);
  exerciseSeenBy(loaded);
  await eventually(() => follower.calls === 1);
  assert.equal(Atomics.load(follower.control, control.caughtUp), 0);
  await follower.events();
  exerciseSeenBy(loaded);
  await follower.events();
  assert.equal(follower.calls, 1);
});

test("nothing ticks while nothing comes", async (t) => {
  const follower = follow(t, 2);
  exerciseSeenBy(loaded);
  await follower.events();
  await sleep(100);
  const before = switches();
  await sleep(300);
  assert.equal(switches(), before);
});

/** How often the one draining thread of this process has gone to sleep. */
function switches(): number {
  const counts = readdirSync("/proc/self/task")
    .map((thread) => readFileSync(`/proc/self/task/${thread}/status`, "utf8"))
    .filter((status) => status.startsWith("Name:\ttinytap-drain\n"))
    .map((status) => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]));
  assert.equal(counts.length, 1);
  return counts[0] ?? Number.NaN;
}

test("a slab freed that it never gave: it gives up, and says so", async (t) => {
  const follower = follow(t, 2);
  Atomics.store(follower.control, 8, 1);
  Atomics.store(follower.control, control.freed, 1);
  exerciseSeenBy(loaded);
  await eventually(() => follower.drain.failure() !== undefined);
  assert.match(follower.drain.failure() ?? "", /^take back a slab: Invalid argument$/);
  await eventually(() => follower.calls === 1);
  follower.drain.close();
  assert.match(follower.drain.failure() ?? "", /^take back a slab/);
});

/** Runs a script with the addon, a ring and a drain in it, whose memory nobody but the drain refers to. */
const prelude = `
  const module_ = { exports: {} };
  process.dlopen(module_, ${JSON.stringify(join(dist, "tinytap.node"))});
  const addon = module_.exports;
  const loaded = addon.load(${JSON.stringify(options)});
  const targets = new addon.Targets(loaded.targets);
  const control = new Int32Array(new SharedArrayBuffer(4 * ${controlWords(4)}));
  globalThis.drain = new addon.Drain(
    loaded.ring, ${ringBytes}, new Uint8Array(new SharedArrayBuffer(4 * ${slabBytes})), control,
    () => Atomics.store(control, 2, 1));
  Atomics.store(control, 2, 1);
  // As a reader that keeps nothing: all slabs that were left go back.
  let freed = 0;
  function follow() {
    const left = Math.floor((Atomics.load(control, 0) >>> 0) / ${slabBytes / 8});
    for (; freed < left; freed++) Atomics.store(control, 8 + freed % 4, Atomics.load(control, 12 + freed % 4));
    Atomics.store(control, 3, freed);
    if (drain.failure()) throw new Error(drain.failure());
  }
  function traffic() {
    targets.set(process.pid, 1);
    addon.exercise();
    targets.set(process.pid, 0);
    follow();
  }
`;

function runScript(script: string, ...flags: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [...flags, "-e", prelude + script], {
    encoding: "utf8",
    timeout: small ? 200_000 : 20_000,
  });
  return { status, stderr };
}

test("the memory lives as long as the drain, whoever else has forgotten it", () => {
  const script = `
    for (let turn = 0; freed < 12; turn++) {
      traffic();
      if (turn % 30 === 0) gc();
    }
    drain.close();`;
  assert.deepEqual(runScript(script, "--expose-gc"), { status: 0, stderr: "" });
});

test("a drain that was forgotten ends, in mid-drain, too", () => {
  const script = `
    const { readdirSync, readFileSync } = require("node:fs");
    const threads = () => readdirSync("/proc/self/task").filter((thread) =>
      readFileSync("/proc/self/task/" + thread + "/comm", "utf8") === "tinytap-drain\\n").length;
    while (threads() === 0) traffic();
    for (let i = 0; i < 30; i++) traffic();
    delete globalThis.drain;
    (async () => {
      for (let turn = 0; turn < 100 && threads() > 0; turn++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      process.exit(threads());
    })();`;
  assert.deepEqual(runScript(script, "--expose-gc"), { status: 0, stderr: "" });
});

test("the process ends while the ring is waited for", () => {
  assert.deepEqual(runScript(`setTimeout(() => process.exit(7), 50);`), { status: 7, stderr: "" });
});

test("the process ends in mid-drain", () => {
  for (let turn = 0; turn < 5; turn++)
    assert.deepEqual(
      runScript(`
        for (let i = 0; i < 20; i++) traffic();
        setTimeout(() => process.exit(7), ${turn});
        setInterval(traffic, 0);`),
      { status: 7, stderr: "" },
    );
});

/** Loads the addon a second time, in a thread; its drain is at work when it ends. */
const inWorker = `
  ${prelude}
  const { parentPort } = require("node:worker_threads");
  while (Atomics.load(control, 0) === 0) traffic();
  parentPort.postMessage("drains");
  setInterval(traffic, 0);
`;

test("two environments at once; one is terminated in mid-drain", async (t) => {
  const follower = follow(t, 2);
  for (let turn = 0; turn < 5; turn++) {
    const worker = new Worker(inWorker, { eval: true });
    await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    await worker.terminate();
    await follower.events();
    const exercise = exerciseSeenBy(loaded);
    assert.equal(judge(exercise, await follower.events()).syscalls, undefined);
  }
});
