/** The capture's life, by its leases: with the real protocol and server, and a stand-in for the kernel. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { Capture } from "../../../extension/client/capture.ts";
import { ChosenProcess } from "../../../extension/client/chosen-process.ts";
import type { HelperClient, HelperOptions, HelperSurroundings } from "../../../extension/client/helpers.ts";
import { spawnStandIn } from "../../../extension/client/stand-in.ts";
import { Sources } from "../../../extension/model/sources.ts";
import type { CaptureFailure } from "../../../extension/model/failure.ts";
import type { InitializeResult, RunOptions } from "../../../protocol/rpc.ts";
import { buildStandIn } from "../../stand-in/build.ts";
import { StandIns } from "../../stand-in/stand-ins.ts";

let folder: string;
let script: string;
let standIns: StandIns;
let sources: Sources;
let capture: Capture;
let failures: CaptureFailure[];
let options: HelperOptions;
let run: RunOptions;
let startsBefore: number;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-capture-"));
  script = await buildStandIn(folder);
  standIns = new StandIns(folder);
});
after(() => {
  standIns.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  delete process.env["TINYTAP_STAND_IN_PROMPTED"];
  options = { ringSize: 1, memory: 16 };
  run = {};
  failures = [];
  startsBefore = standIns.starts;
  standIns.next = "ready";
  const log = { info() {}, warn() {}, error() {} };
  sources = new Sources();
  capture = new Capture({ log, sources, options: () => options, run: () => run, open });
  capture.failures.add((failure) => failures.push(failure));
});
afterEach(() => capture.dispose());

async function open({ memory }: HelperOptions): ReturnType<HelperSurroundings["open"]> {
  const helper = await spawnStandIn(script, () => {});
  const connection = createMessageConnection(
    new StreamMessageReader(helper.stdout),
    new StreamMessageWriter(helper.stdin),
  );
  connection.listen();
  const client: HelperClient = {
    elevation: helper.elevation,
    ended: helper.exited.then(() => connection.dispose()),
    request: (method, params) => connection.sendRequest(method, params),
    onNotification: (method, handler) => void connection.onNotification(method, handler),
    async end() {
      helper.stdin.end();
      await helper.exited;
    },
  };
  const initializationOptions = { memory, feed: "summaries" };
  const { status } = await connection.sendRequest<InitializeResult>("initialize", { initializationOptions });
  return { client, status };
}

const self = [{ pid: process.pid, children: false }];
const traffic = (count: number) => standIns.run({ do: "traffic", rate: 1000, seconds: count / 1000 });
const phase = () => capture.state.current.phase;
const targets = () => capture.exchanges.rows.map(({ target }) => target);
const starts = () => standIns.starts - startsBefore;

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 10_000) assert.fail(`waited in vain: ${what}; the phase is ${phase()}`);
    await sleep(10);
  }
}

test("a run lives while somebody holds a lease, and ends with the last: what is in flight as stopped", async () => {
  const first = capture.lease("debug");
  const second = capture.lease("user");
  assert.deepEqual(await Promise.all([first.begun, second.begun]), [true, true]);
  assert.deepEqual([phase(), starts()], ["capturing", 1]);
  await first.watch(self);
  await traffic(5);
  await standIns.run({ do: "hold", targets: ["/held"] });
  first.dispose();
  await second.watch(self);
  assert.equal(phase(), "capturing");
  second.dispose();
  await eventually("the end", () => phase() === "stopped");
  const states = capture.exchanges.rows.map(({ target, state }) => [target === "/held", state]);
  assert.deepEqual(states, [...Array.from({ length: 5 }, () => [false, "complete"]), [true, "stopped"]]);
  assert.equal(capture.exchanges.runs[0]?.ended?.reason, "it was stopped");
  assert.equal(capture.wanted, false);
});

test("another run keeps the rows of the one before, and its bodies can be opened", async () => {
  for (let run = 0; run < 2; run++) {
    const lease = capture.lease("debug");
    await lease.watch(self);
    await traffic(3);
    lease.dispose();
    await eventually("the end", () => phase() === "stopped");
  }
  assert.deepEqual([capture.exchanges.size, capture.exchanges.runs.length, starts()], [6, 2, 2]);
  for (const { key } of capture.exchanges.rows) assert.ok((await sources.exchange(key))?.response, key);
  await capture.clear();
  assert.equal(capture.exchanges.size, 0);
});

test("the helpers of the newest two runs that ended keep their bodies; an older run's say why they are gone", async () => {
  for (let run = 0; run < 4; run++) {
    const lease = capture.lease("debug");
    await lease.watch(self);
    await traffic(1);
    lease.dispose();
    await eventually("the end", () => phase() === "stopped");
  }
  const keys = capture.exchanges.rows.map(({ key }) => key);
  assert.equal(keys.length, 4);
  const read = (at: number) => sources.exchange(keys[at]!);
  await assert.rejects(read(0), /The helper that kept this exchange has ended/);
  await assert.rejects(read(1), /The helper that kept this exchange has ended/);
  assert.ok((await read(2)) && (await read(3)));
});

test("where a helper took a prompt, the next run is served by it; stopping once more takes its probes off", async () => {
  process.env["TINYTAP_STAND_IN_PROMPTED"] = "1";
  for (let run = 0; run < 2; run++) {
    const lease = capture.lease("debug");
    await lease.watch(self);
    await traffic(2);
    lease.dispose();
    await eventually("idleness", () => phase() === "idle");
  }
  assert.deepEqual([starts(), capture.exchanges.runs.length, capture.exchanges.size], [1, 2, 4]);
  await capture.stop();
  assert.equal(phase(), "stopped");
  assert.ok(await sources.exchange(capture.exchanges.rows[0]!.key));
  await capture.lease("user").begun;
  assert.equal(starts(), 2);
});

test("what the settings leave out makes no row, and is counted, also by a helper that has ended, until Clear", async () => {
  run = { exclude: ["/traffic/*"] };
  const { exchanges } = capture;
  const lease = capture.lease("debug");
  await lease.watch(self);
  await traffic(5);
  await standIns.run({ do: "hold", targets: ["/held"] });
  await eventually("the row", () => exchanges.size === 1);
  lease.dispose();
  await eventually("the end", () => phase() === "stopped");
  assert.deepEqual(
    [targets(), exchanges.excluded, exchanges.givenUp, exchanges.unsent],
    [["/held"], 5, 0, 0],
  );
  await capture.clear();
  assert.equal(exchanges.excluded, 0);
});

test("settings that only another helper can have mean another helper", async () => {
  process.env["TINYTAP_STAND_IN_PROMPTED"] = "1";
  const lease = capture.lease("debug");
  await lease.begun;
  lease.dispose();
  await eventually("idleness", () => phase() === "idle");
  options = { ringSize: 1, memory: 32 };
  await capture.lease("debug").begun;
  assert.deepEqual([phase(), starts()], ["capturing", 2]);
});

test("a helper that dies is replaced, and its rows stay; not where that would mean a prompt", async () => {
  await capture.lease("debug").watch(self);
  await traffic(2);
  await standIns.run({ do: "hold", targets: ["/held"] });
  await eventually("the rows", () => capture.exchanges.size === 3);
  standIns.crash();
  await eventually("another helper", () => starts() === 2 && phase() === "capturing");
  assert.deepEqual(
    capture.exchanges.rows.map(({ state }) => state),
    ["complete", "complete", "stopped"],
  );
  assert.match(capture.exchanges.runs[0]?.ended?.reason ?? "", /ended unexpectedly/);
  await traffic(1);
  await eventually("its row", () => capture.exchanges.size === 4);
  await capture.stop();
  assert.deepEqual([phase(), failures], ["stopped", []]);
});

test("a helper that took a prompt and dies is not replaced unasked", async () => {
  process.env["TINYTAP_STAND_IN_PROMPTED"] = "1";
  const lease = capture.lease("debug");
  await lease.watch(self);
  await traffic(2);
  await eventually("the rows", () => capture.exchanges.size === 2);
  standIns.crash();
  await eventually("the failure", () => phase() === "failed");
  assert.deepEqual(
    failures.map(({ cause, holders }) => [cause, holders]),
    [["ended", ["debug"]]],
  );
  assert.deepEqual([lease.held, starts(), targets().length], [false, 1, 2]);
});

test("a refused prompt wipes nothing, ends the lease, and is quiet when only debugging asked", async () => {
  const first = capture.lease("debug");
  await first.watch(self);
  await traffic(2);
  first.dispose();
  await eventually("the end", () => phase() === "stopped");
  standIns.next = "no-root";
  const second = capture.lease("debug");
  assert.equal(await second.begun, false);
  assert.deepEqual([phase(), second.held, capture.exchanges.size], ["unavailable", false, 2]);
  assert.equal(await capture.lease("user").begun, false);
  assert.equal(phase(), "failed");
});

test("a lease that is given back while the prompt is open begins nothing that would go on", async () => {
  let allow = (): void => {};
  standIns.next = new Promise((resolve) => (allow = () => resolve("ready")));
  const lease = capture.lease("debug");
  await eventually("the start", () => starts() === 1);
  assert.equal(phase(), "starting");
  lease.dispose();
  allow();
  assert.equal(await lease.begun, false);
  await eventually("the end", () => phase() === "stopped");
  assert.deepEqual(capture.exchanges.runs, []);
});

test("a process that can't be watched is told as such, and the capture goes on for the others", async () => {
  const lease = capture.lease("user");
  const gone = 2 ** 22 - 1;
  assert.match((await lease.watch([{ pid: gone, children: true }, ...self]))[0]?.error ?? "", /no process/);
  await traffic(1);
  await eventually("the row", () => capture.exchanges.size === 1);
});

test("a capture by hand ends when its process has exited, with all that it started; its rows stay", async () => {
  const chosen = new ChosenProcess(capture);
  assert.equal(await chosen.capture(process.pid), true);
  await traffic(3);
  const status = (targets: number[]) => {
    const { current } = capture.state;
    if (!("status" in current)) throw new Error(current.phase);
    capture.state.set({ ...current, status: { ...current.status, targets } });
  };
  status([process.pid + 1]);
  assert.equal(capture.wanted, true);
  status([]);
  await eventually("the end", () => phase() === "stopped");
  assert.equal(capture.exchanges.runs[0]?.ended?.reason, "its process has exited");
  assert.equal(capture.exchanges.size, 3);
});
