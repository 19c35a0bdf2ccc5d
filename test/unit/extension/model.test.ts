import assert from "node:assert/strict";
import { test } from "node:test";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { exchangeKey, runText } from "../../../extension/model/run.ts";
import { Sources, type ExchangeSource } from "../../../extension/model/sources.ts";
import { RestartPolicy } from "../../../extension/model/restart-policy.ts";
import { Leases, targetChange } from "../../../extension/model/leases.ts";
import { isLasting, isQuiet } from "../../../extension/model/failure.ts";
import type { Holder } from "../../../extension/model/leases.ts";
import type { Cause } from "../../../extension/model/capture-state.ts";
import { durationText, sizeText } from "../../../protocol/format.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { nothingUnsearched } from "../../../protocol/search.ts";
import { summary } from "./summaries.ts";

function keys(exchanges: Exchanges): string[] {
  return exchanges.rows.map(({ key }) => key);
}

test("a batch is one change, and tells new rows from changed ones", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  const changes: string[][] = [];
  exchanges.onChange((rows) =>
    changes.push(rows.map(({ before, after }) => `${before?.state ?? "none"} ${after?.state ?? "none"}`)),
  );
  const inFlight = [summary(1, { state: "in-flight" }), summary(2, { state: "in-flight" })];
  exchanges.apply(1, { exchanges: inFlight, dropped: [], kept: 2 });
  exchanges.apply(1, { exchanges: [summary(1)], dropped: [], kept: 2 });
  exchanges.apply(1, { exchanges: [], dropped: [1, 99], kept: 1 });
  exchanges.apply(1, { exchanges: [], dropped: [99], kept: 1 });
  assert.deepEqual(changes, [
    ["none in-flight", "none in-flight"],
    ["in-flight complete"],
    ["complete none"],
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
    exchanges.rows.map(({ run }) => run?.began),
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
    exchanges.rows.map(({ run }) => run?.began),
    [1000, 1000, 3000],
  );
});

test("a helper's end keeps its rows: what was in flight was stopped", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1), summary(2, { state: "in-flight" })], dropped: [], kept: 9 });
  assert.equal(exchanges.unsent, 7);
  exchanges.lose(1);
  exchanges.end(1, "it crashed");
  assert.deepEqual(
    exchanges.rows.map(({ state }) => state),
    ["complete", "stopped"],
  );
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
  exchanges.apply(1, {
    exchanges: [summary(1, { state: "in-flight" }), summary(2), summary(3)],
    dropped: [],
    kept: 0,
  });
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

test("rows that are not sent yet are counted, and stand in their place once they are there", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1), summary(5), summary(6)], dropped: [], kept: 6 });
  exchanges.end(1, "it was stopped");
  exchanges.begin(2, 2);
  exchanges.apply(2, { exchanges: [summary(1)], dropped: [], kept: 1 });
  assert.equal(exchanges.unsent, 3);
  exchanges.apply(1, { exchanges: [summary(2), summary(3), summary(4)], dropped: [], kept: 6 });
  assert.deepEqual(keys(exchanges), ["1:1", "1:2", "1:3", "1:4", "1:5", "1:6", "2:1"]);
  assert.deepEqual([exchanges.unsent, exchanges.total, exchanges.givenUp], [0, 7, 0]);
});

test("what a helper had not sent when it went, or gave up unsent, counts as given up", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(9), summary(10)], dropped: [], kept: 6 });
  assert.deepEqual([exchanges.total, exchanges.givenUp], [6, 4]);
  exchanges.lose(1);
  assert.deepEqual([exchanges.total, exchanges.givenUp], [2, 8]);
});

test("clearing takes the finished of all runs, and their count; what is in flight stays", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  exchanges.apply(1, { exchanges: [summary(1)], dropped: [], kept: 1 });
  exchanges.end(1, "it was stopped");
  exchanges.begin(2, 2);
  exchanges.apply(2, { exchanges: [summary(1, { state: "in-flight" }), summary(2)], dropped: [], kept: 900 });
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

test("a process stays watched as long as one lease wants it", () => {
  const leases = new Leases();
  const [a, b] = [leases.take("user"), leases.take("debug")];
  leases.watch(a, [{ pid: 1, children: false, descendants: true }]);
  leases.watch(b, [
    { pid: 1, children: true },
    { pid: 2, children: true },
  ]);
  assert.deepEqual(leases.targets, [
    { pid: 1, children: true, descendants: true },
    { pid: 2, children: true },
  ]);
  assert.deepEqual([leases.size, leases.holders], [2, ["user", "debug"]]);
  const before = leases.targets;
  leases.end(b);
  leases.watch(b, [{ pid: 3, children: true }]);
  assert.deepEqual(targetChange(before, leases.targets), {
    watch: [{ pid: 1, children: false, descendants: true }],
    unwatch: [2],
  });
  leases.forget(1);
  assert.deepEqual([leases.targets, leases.size], [[], 1]);
  leases.endAll();
  assert.deepEqual([leases.has(a), leases.size], [false, 0]);
});

test("js-debug's own handshake with Node's inspector is no row, and no unsent one either", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  const target = "/6f1cbd0a-22d2-4d3c-9a53-0c1d2f3a4b5c";
  const own = { method: "GET", target, host: "localhost" };
  const handshakes = [
    { ...summary(1, { state: "in-flight" }), ...own },
    { ...summary(2), ...own, status: 101 },
  ];
  const others = [
    { ...summary(3), ...own, host: "localhost:8080", status: 101 },
    { ...summary(4), ...own, status: 200 },
    { ...summary(5), ...own, target: "/socket", status: 101 },
  ];
  exchanges.apply(1, { exchanges: [...handshakes, ...others], dropped: [], kept: 5 });
  assert.deepEqual([keys(exchanges), exchanges.unsent], [["1:3", "1:4", "1:5"], 0]);
  exchanges.apply(1, { exchanges: [], dropped: [1, 2], kept: 3 });
  assert.deepEqual([exchanges.unsent, exchanges.givenUp], [0, 0]);
});

test("a failure that only F5 brought about is quiet where the machine is the reason; a person who asked is told", () => {
  const failure = (cause: Cause, ...holders: Holder[]) => ({ cause, message: "", holders });
  for (const code of ["no-root", "refused", "no-btf", "no-kernel-support"] as const) {
    assert.deepEqual([isLasting(failure(code)), isQuiet(failure(code, "debug"))], [true, true], code);
    assert.equal(isQuiet(failure(code, "debug", "user")), false, code);
  }
  for (const code of ["ended", "crashed", "load-failed", "self-test-failed", "no-addon"] as const)
    assert.deepEqual([isLasting(failure(code)), isQuiet(failure(code, "debug"))], [false, false], code);
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

test("what was captured on both ends is listed once, as the server has it; without the server's row the client's is", () => {
  const exchanges = new Exchanges();
  const client = (id: number, otherEnd?: number): ExchangeSummary => ({
    ...summary(id),
    role: "client",
    ...(otherEnd !== undefined && { otherEnd }),
  });
  const listed = () => exchanges.listed.rows.map(({ id }) => id);
  const apply = (batch: ExchangeSummary[], dropped: number[] = []) =>
    exchanges.apply(1, { exchanges: batch, dropped, kept: 4 - dropped.length });
  exchanges.begin(1, 0);
  apply([client(1)]);
  assert.deepEqual(listed(), [1]);
  apply([client(1, 2), { ...summary(2), otherEnd: 1 }, client(3), client(4, 99)]);
  assert.deepEqual([listed(), exchanges.total], [[2, 3, 4], 3]);
  apply([], [2]);
  assert.deepEqual([listed(), exchanges.total], [[1, 3, 4], 3]);
});

test("a key leads to whatever keeps its exchange, and once that has gone to the words that say why", async () => {
  const sources = new Sources();
  const asked: unknown[] = [];
  const source = (name: string): ExchangeSource => ({
    exchange: async (id) => (asked.push([name, id]), null),
    body: async (params) => (asked.push([name, params]), { base64: "", end: 9, ranges: [], missing: [] }),
    search: async () => ({ hits: [], searched: 0, unsearched: nothingUnsearched }),
  });
  const [one, other] = [sources.add(source("one")), sources.add(source("other"))];
  await sources.exchange(exchangeKey(other, 7));
  await sources.body(exchangeKey(one, 8), { side: "response", start: 0, end: 9 });
  await sources.pin(exchangeKey(one, 8), true);
  assert.deepEqual(asked, [
    ["other", 7],
    ["one", { id: 8, side: "response", start: 0, end: 9 }],
  ]);
  const held: boolean[] = [];
  sources.add({ ...source("holder"), hold: async (wanted) => void held.push(wanted) });
  sources.add({ ...source("gone"), hold: () => Promise.reject(new Error("It has ended.")) });
  await assert.rejects(
    sources.holding(async () => {
      assert.deepEqual(held, [true]);
      throw new Error("The disk is full.");
    }),
    /full/,
  );
  assert.deepEqual(held, [true, false]);
  sources.end(other, "It was closed.");
  await assert.rejects(sources.exchange(exchangeKey(other, 7)), /^Error: It was closed\.$/);
  await assert.rejects(sources.exchange(exchangeKey(99, 7)), /no longer kept/);
});

test("what passes on a connection of our own is no row, also after it was closed; a client's is one", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  const own = "127.0.0.1:43210";
  exchanges.ownConnections.opened(own);
  const batch = (...all: ExchangeSummary[]) => ({ exchanges: all, dropped: [], kept: all.length });
  const ours = { ...summary(2), remote: own };
  exchanges.apply(1, batch(summary(1), ours, { ...summary(3), remote: own, role: "client" }));
  exchanges.ownConnections.closed(own);
  exchanges.apply(1, { ...batch(ours), kept: 3 });
  assert.deepEqual(keys(exchanges), ["1:1", "1:3"]);
  assert.deepEqual([exchanges.total, exchanges.givenUp], [2, 0]);
});
