import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Processes } from "../../../client/proc.ts";
import { SessionWatcher, type SessionLease } from "../../../extension/debug/session-watcher.ts";
import type { Target } from "../../../protocol/capture.ts";

const session = {
  ...{ type: "go", name: "Server", isChild: false },
  ...{ attaches: false, elsewhere: false, since: 100 },
};

/** A machine on which every look takes a while; `pids` are children of the extension host, which is 10. */
function machine(pids: { pid: number; parent: number; started: number }[]) {
  const looks = { running: 0, most: 0 };
  const slow = async <T>(value: () => T): Promise<T> => {
    looks.most = Math.max(looks.most, ++looks.running);
    await sleep(20);
    looks.running--;
    return value();
  };
  const processes: Processes = {
    entry: (pid) => slow(() => pids.find((one) => one.pid === pid)),
    all: () => slow(() => [...pids]),
    uid: async () => 1000,
    tracer: async () => 0,
    commandLine: async () => [],
    now: () => 150,
  };
  return { looks, surroundings: { processes, host: 10, uid: 1000, log: { info() {}, error: assert.fail } } };
}

class FakeLease implements SessionLease {
  held = true;
  readonly watched: number[][] = [];

  async watch(targets: Target[]): Promise<[]> {
    this.watched.push(targets.map(({ pid }) => pid));
    return [];
  }

  dispose(): void {
    this.held = false;
  }
}

const processEvent = {
  type: "event",
  event: "process",
  body: { systemProcessId: 42, startMethod: "launch" },
};

test("what was found before there was a lease is watched once there is one", async () => {
  const { surroundings } = machine([{ pid: 42, parent: 10, started: 110 }]);
  const watcher = new SessionWatcher(session, surroundings);
  watcher.take(processEvent);
  await watcher.settled;
  const lease = new FakeLease();
  watcher.hold(lease);
  await watcher.settled;
  assert.deepEqual(lease.watched, [[42]]);
  watcher.dispose();
  assert.equal(lease.held, false);
});

test("another lease takes the place of the first; one that was ended watches nothing", async () => {
  const { surroundings } = machine([{ pid: 42, parent: 10, started: 110 }]);
  const watcher = new SessionWatcher(session, surroundings);
  const [first, second] = [new FakeLease(), new FakeLease()];
  watcher.hold(first);
  watcher.hold(second);
  assert.equal(first.held, false);
  second.dispose();
  watcher.take(processEvent);
  await watcher.settled;
  assert.deepEqual([first.watched, second.watched], [[], []]);
  watcher.dispose();
});

test("a search looks again until it finds, one look at a time, and ends with the session", async (t) => {
  const pids: { pid: number; parent: number; started: number }[] = [];
  const { looks, surroundings } = machine(pids);
  const watcher = new SessionWatcher(session, surroundings);
  t.after(() => watcher.dispose());
  const lease = new FakeLease();
  watcher.hold(lease);
  watcher.take({ type: "request", command: "runInTerminal" });
  watcher.take({
    ...{ type: "response", success: true, command: "runInTerminal" },
    body: { shellProcessId: 60 },
  });
  await watcher.settled;
  assert.deepEqual(lease.watched.at(-1), [60]);
  pids.push({ pid: 61, parent: 60, started: 150 });
  for (let waited = 0; lease.watched.length < 2 && waited < 5000; waited += 20) await sleep(20);
  assert.deepEqual(lease.watched.at(-1), [60, 61]);
  assert.equal(looks.most, 1);
  watcher.dispose();
  await sleep(50);
  const before = lease.watched.length;
  pids.push({ pid: 62, parent: 60, started: 151 });
  await sleep(300);
  assert.equal(lease.watched.length, before);
});
