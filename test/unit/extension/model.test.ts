import assert from "node:assert/strict";
import { test } from "node:test";
import { Exchanges, type ExchangesChange } from "../../../extension/model/exchanges.ts";
import { runText } from "../../../extension/model/run.ts";
import { RestartPolicy } from "../../../extension/model/restart-policy.ts";
import { targetChange, TargetSet } from "../../../extension/model/target-set.ts";
import type { ExchangeSummary, State } from "../../../protocol/exchange.ts";
import { durationText, sizeText } from "../../../protocol/format.ts";

function summary(id: number, state: State = "complete"): ExchangeSummary {
  return { id, pid: 7, process: "app", role: "server", state, start: 0, size: 0, incomplete: false };
}

function keys(exchanges: Exchanges): string[] {
  return exchanges.all().map(({ key }) => key);
}

test("a batch is one change, and tells new rows from changed ones", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  const changes: ExchangesChange[] = [];
  exchanges.onChange((change) => changes.push(change));
  exchanges.apply(1, { exchanges: [summary(1, "in-flight"), summary(2, "in-flight")], dropped: [], kept: 0 });
  exchanges.apply(1, { exchanges: [summary(1)], dropped: [], kept: 0 });
  exchanges.apply(1, { exchanges: [], dropped: [1, 99], kept: 0 });
  exchanges.apply(1, { exchanges: [], dropped: [99], kept: 0 });
  assert.deepEqual(changes, [
    { structure: true, changed: [] },
    { structure: false, changed: ["1:1"] },
    { structure: true, changed: [] },
  ]);
  assert.deepEqual(keys(exchanges), ["1:2"]);
});

test("another run keeps the rows of the one before, also where both helpers count from 1", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 1000);
  exchanges.apply(1, { exchanges: [summary(1), summary(2)], dropped: [], kept: 2 });
  exchanges.end(2000, "it was stopped");
  exchanges.begin(2, 3000);
  exchanges.apply(2, { exchanges: [summary(1)], dropped: [], kept: 1 });
  assert.deepEqual(keys(exchanges), ["1:1", "1:2", "2:1"]);
  assert.deepEqual(
    exchanges.all().map(({ run }) => run?.began),
    [1000, 1000, 3000],
  );
  assert.deepEqual(exchanges.runs[0]?.ended, { time: 2000, reason: "it was stopped" });
});

test("two runs of one helper are told apart by where the second began, late updates of the first too", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 1000);
  exchanges.apply(1, { exchanges: [summary(1), summary(2)], dropped: [], kept: 2 });
  exchanges.end(2000, "it was stopped");
  exchanges.begin(1, 3000);
  exchanges.apply(1, { exchanges: [summary(2), summary(3)], dropped: [], kept: 3 });
  assert.deepEqual(
    exchanges.all().map(({ run }) => run?.began),
    [1000, 1000, 3000],
  );
});

test("a helper's end keeps its rows: what was in flight was stopped, and the bodies say why they are gone", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1), summary(2, "in-flight")], dropped: [], kept: 9 });
  assert.equal(exchanges.unreadable("1:1"), undefined);
  assert.equal(exchanges.unsent, 7);
  exchanges.lose(1, "it crashed");
  exchanges.end(1, "it crashed");
  assert.deepEqual(
    exchanges.all().map(({ state }) => state),
    ["complete", "stopped"],
  );
  assert.equal(exchanges.unreadable("1:1"), "it crashed");
  assert.equal(exchanges.unsent, 0);
});

test("a run without rows leaves nothing behind once it has ended", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  assert.equal(exchanges.runs.length, 1);
  exchanges.end(1, "it was stopped");
  assert.equal(exchanges.runs.length, 0);
});

test("beyond the limit the oldest finished go, counted, and with its last row a run; what is in flight stays", () => {
  const exchanges = new Exchanges(2);
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1, "in-flight"), summary(2), summary(3)], dropped: [], kept: 0 });
  assert.deepEqual([keys(exchanges), exchanges.givenUp], [["1:1", "1:3"], 1]);
  exchanges.apply(1, { exchanges: [summary(1), summary(4)], dropped: [], kept: 0 });
  assert.deepEqual([keys(exchanges), exchanges.givenUp], [["1:3", "1:4"], 2]);
  exchanges.end(1, "it was stopped");
  exchanges.begin(2, 2);
  exchanges.apply(2, { exchanges: [summary(1), summary(2)], dropped: [], kept: 2 });
  assert.deepEqual(keys(exchanges), ["2:1", "2:2"]);
  assert.deepEqual(
    exchanges.runs.map(({ helper }) => helper),
    [2],
  );
});

test("rows that were not sent are counted, and stand in their place once they are there", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1), summary(5), summary(6)], dropped: [], kept: 6 });
  exchanges.end(1, "it was stopped");
  exchanges.begin(2, 2);
  exchanges.apply(2, { exchanges: [summary(1)], dropped: [], kept: 1 });
  assert.equal(exchanges.unsent, 3);
  exchanges.add(1, [summary(4), summary(3), summary(2)]);
  assert.deepEqual(keys(exchanges), ["1:1", "1:2", "1:3", "1:4", "1:5", "1:6", "2:1"]);
  assert.equal(exchanges.unsent, 0);
});

test("clearing takes the finished of all runs, and their count; what is in flight stays", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1)], dropped: [], kept: 1 });
  exchanges.end(1, "it was stopped");
  exchanges.begin(2, 2);
  exchanges.apply(2, { exchanges: [summary(1, "in-flight"), summary(2)], dropped: [], kept: 900 });
  exchanges.clear();
  assert.deepEqual([keys(exchanges), exchanges.runs.length, exchanges.unsent], [["2:1"], 1, 0]);
  exchanges.apply(2, { exchanges: [], dropped: [2], kept: 1 });
  assert.equal(exchanges.givenUp, 0, "what was cleared was not given up");
});

test("what stands between two runs says when they were, and why they ended", () => {
  const run = { helper: 1, first: 1, began: new Date(2026, 0, 1, 14, 5, 8).getTime() };
  assert.match(runText(run), /^Capture of .*05:08[^,]*$/);
  const ended = { time: new Date(2026, 0, 1, 14, 7, 10).getTime(), reason: "it was stopped" };
  assert.match(runText({ ...run, ended }), /^Capture of .*05:08.*, ended .*07:10.*: it was stopped$/);
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
