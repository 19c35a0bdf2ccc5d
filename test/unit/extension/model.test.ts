import assert from "node:assert/strict";
import { test } from "node:test";
import { Exchanges, type ExchangesChange } from "../../../extension/model/exchanges.ts";
import { RestartPolicy } from "../../../extension/model/restart-policy.ts";
import { targetChange, TargetSet } from "../../../extension/model/target-set.ts";
import type { ExchangeSummary, State } from "../../../protocol/exchange.ts";
import { durationText, sizeText } from "../../../protocol/format.ts";

function summary(id: number, state: State = "complete"): ExchangeSummary {
  return { id, pid: 7, process: "app", role: "server", state, start: 0, size: 0, incomplete: false };
}

function ids(exchanges: Exchanges): number[] {
  return exchanges.all().map(({ id }) => id);
}

test("a batch is one change, and tells new rows from changed ones", () => {
  const exchanges = new Exchanges();
  const changes: ExchangesChange[] = [];
  exchanges.onChange((change) => changes.push(change));
  exchanges.apply({ exchanges: [summary(1, "in-flight"), summary(2, "in-flight")], dropped: [], kept: 0 });
  exchanges.apply({ exchanges: [summary(1)], dropped: [], kept: 0 });
  exchanges.apply({ exchanges: [], dropped: [1, 99], kept: 0 });
  exchanges.apply({ exchanges: [], dropped: [99], kept: 0 });
  assert.deepEqual(changes, [
    { arrived: 2, changed: [] },
    { arrived: 0, changed: [1] },
    { arrived: 0, changed: [] },
  ]);
  assert.deepEqual(ids(exchanges), [2]);
});

test("beyond the limit the oldest finished go; what is in flight stays, in its place", () => {
  const exchanges = new Exchanges(2);
  exchanges.apply({ exchanges: [summary(1, "in-flight"), summary(2), summary(3)], dropped: [], kept: 0 });
  assert.deepEqual(ids(exchanges), [1, 3]);
  exchanges.apply({ exchanges: [summary(1), summary(4)], dropped: [], kept: 0 });
  assert.deepEqual(ids(exchanges), [3, 4]);
});

test("rows that were not sent are counted, and stand in their place once they are there", () => {
  const exchanges = new Exchanges();
  exchanges.apply({ exchanges: [summary(1), summary(5), summary(6)], dropped: [], kept: 6 });
  assert.equal(exchanges.unsent, 3);
  exchanges.add([summary(4), summary(3), summary(2)]);
  assert.deepEqual([ids(exchanges), exchanges.unsent], [[1, 2, 3, 4, 5, 6], 0]);
});

test("clearing keeps what is in flight; a reset begins a new generation", () => {
  const exchanges = new Exchanges();
  exchanges.apply({
    exchanges: [summary(1, "in-flight"), summary(2), summary(3, "closed")],
    dropped: [],
    kept: 0,
  });
  exchanges.clearFinished();
  assert.deepEqual(ids(exchanges), [1]);
  exchanges.reset();
  assert.equal(exchanges.size, 0);
  assert.equal(exchanges.generation, 1);
});

test("three restarts in three minutes", () => {
  const policy = new RestartPolicy();
  assert.deepEqual(
    [0, 1000, 2000, 3000].map((now) => policy.allow(now)),
    [true, true, true, false],
  );
  assert.equal(policy.allow(180_000), true);
  assert.equal(policy.allow(180_500), false);
});

test("a process stays watched as long as one owner wants it", () => {
  const targets = new TargetSet();
  targets.set("a", [{ pid: 1, children: false }]);
  targets.set("b", [
    { pid: 1, children: true },
    { pid: 2, children: true },
  ]);
  assert.deepEqual(targets.all(), [
    { pid: 1, children: true },
    { pid: 2, children: true },
  ]);
  const before = targets.all();
  targets.set("b", []);
  assert.deepEqual(targetChange(before, targets.all()), {
    watch: [{ pid: 1, children: false }],
    unwatch: [2],
  });
  targets.forget(1);
  assert.deepEqual(targets.all(), []);
});

test("sizes and durations", () => {
  assert.deepEqual([0, 999, 1000, 9949, 22_000, 999_499, 999_500, 1_048_576, 3e9].map(sizeText), [
    "0 B",
    "999 B",
    "1.0 kB",
    "9.9 kB",
    "22 kB",
    "999 kB",
    "1.0 MB",
    "1.0 MB",
    "3.0 GB",
  ]);
  assert.deepEqual([0.04, 9.94, 13.4, 1300, 61_000].map(durationText), [
    "<0.1 ms",
    "9.9 ms",
    "13 ms",
    "1.3 s",
    "1 min 1 s",
  ]);
});
