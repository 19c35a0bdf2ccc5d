import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { Targets } from "../../../helper/capture/targets.ts";

/** The bytes that the kernel side looks at, by process id. */
class Flags {
  readonly byPid = new Map<number, number>();
  get = (pid: number) => this.byPid.get(pid) ?? 0;
  set = (pid: number, flags: number) => void this.byPid.set(pid, flags);
  pids = () => [...this.byPid].filter(([, flags]) => flags !== 0).map(([pid]) => pid);
}

test("a child whose fork was lost is found, and one that nobody watches any more is let go", async () => {
  const flags = new Flags();
  const targets = new Targets(flags, undefined);
  const child = spawn("sleep", ["30"]);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  try {
    targets.watch({ pid: process.pid, children: true });
    flags.set(pid, 3); // as the kernel does at the fork, whose record found no room
    flags.set(4_194_000, 3); // and of this one the exit was lost too
    targets.sweep();
    assert.deepEqual(targets.pids, [process.pid, pid]);
    assert.deepEqual(flags.pids(), [process.pid, pid]);
    targets.unwatch(process.pid);
    targets.sweep();
    assert.deepEqual([targets.pids, flags.pids()], [[], []]);
    flags.set(pid, 3);
    targets.sweep();
    assert.deepEqual(flags.pids(), [], "its parent is watched by nobody");
  } finally {
    child.kill();
  }
});

test("a process that is watched already keeps the number of its watch: nothing of it was missed", () => {
  const flags = new Flags();
  const targets = new Targets(flags, undefined);
  const watch = () => {
    targets.watch({ pid: process.pid, children: true });
    return flags.get(process.pid) >> 4;
  };
  assert.deepEqual([watch(), watch()], [1, 1]);
  targets.unwatch(process.pid);
  assert.notEqual(watch(), 1);
});
