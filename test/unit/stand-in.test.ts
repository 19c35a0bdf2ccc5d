/** The stand-in that tests of the editor rest on: it starts as it is told, and its traffic is a capture's. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import {
  CancellationTokenSource,
  ErrorCodes,
  type CancellationToken,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { HelperStartError, type Helper } from "../../client/helper.ts";
import { spawnStandIn, standIn } from "../../extension/client/stand-in.ts";
import type { Exchange, ExchangeSummary } from "../../protocol/exchange.ts";
import type { BodyResult, Notifications, StartErrorCode } from "../../protocol/rpc.ts";
import type { SearchResult } from "../../protocol/search.ts";
import { buildStandIn } from "../stand-in/build.ts";
import { connectTo } from "../stand-in/connection.ts";
import { StandIns } from "../stand-in/stand-ins.ts";

let folder: string;
let script: string;
let standIns: StandIns;
let helper: Helper | undefined;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-stand-in-"));
  script = await buildStandIn(folder);
  standIns = new StandIns(folder);
});
afterEach(async () => {
  helper?.stdin.end();
  await helper?.exited;
  helper = undefined;
});
after(() => {
  standIns.close();
  rmSync(folder, { recursive: true });
});

/** A client that watches this process, and what it was told of each exchange last. */
async function capture(): Promise<{ connection: MessageConnection; rows: Map<string, ExchangeSummary> }> {
  helper = await spawnStandIn(script, () => {});
  const connection = connectTo(helper);
  const rows = new Map<string, ExchangeSummary>();
  connection.onNotification("tinytap/exchanges", (batch: Notifications["tinytap/exchanges"]) => {
    for (const row of batch.exchanges) rows.set(row.target ?? "", row);
  });
  connection.listen();
  const targets = [{ pid: process.pid, children: false }];
  await connection.sendRequest("initialize", { initializationOptions: { targets } });
  return { connection, rows };
}

test("the variable that names a stand-in means nothing to an installed extension", () => {
  process.env["TINYTAP_STAND_IN"] = script;
  assert.deepEqual([standIn(true), standIn(false)], [script, undefined]);
  delete process.env["TINYTAP_STAND_IN"];
  assert.equal(standIn(true), undefined);
});

test("traffic becomes exchanges, whole, of the process that is watched", async () => {
  const { connection, rows } = await capture();
  assert.equal(await standIns.run({ do: "traffic", rate: 200, seconds: 0.2, sizes: [10, 300_000] }), 40);
  await connection.sendRequest("tinytap/drain");
  assert.deepEqual(
    [...rows.values()].map(({ pid, status, state, size, missing }) => [pid, status, state, size, missing]),
    Array.from({ length: 40 }, (_, i) => [process.pid, 200, "complete", i % 2 === 0 ? 10 : 300_000, 0]),
  );
  const [, large] = [...rows.values()];
  const body = await connection.sendRequest<BodyResult>("tinytap/body", {
    ...{ id: large!.id, side: "response", start: 0, end: 300_000 },
  });
  assert.deepEqual([Buffer.from(body.base64, "base64").length, body.missing], [300_000, []]);
  const began = await connection.sendRequest<Exchange>("tinytap/exchange", { id: large!.id });
  assert.ok(Math.abs(began.start - Date.now()) < 60_000, "its time is the clock's");
});

test("the status follows the counts, not only losses: what shows it would be stale otherwise", async () => {
  const { connection } = await capture();
  const told = new Promise<void>((resolve) =>
    connection.onNotification("tinytap/status", ({ tally }: Notifications["tinytap/status"]) => {
      if (tally.exchanges === 40 && tally.inFlight === 0) resolve();
    }),
  );
  // The first status, which every client gets, must have gone before.
  await connection.sendRequest("tinytap/drain");
  await standIns.run({ do: "traffic", rate: 200, seconds: 0.2 });
  await told;
});

test("a body grows, requests stand unanswered, and both end as they are told", async () => {
  const { connection, rows } = await capture();
  const growing = standIns.run({ do: "grow", target: "/log", lines: 2, interval: 5, steps: 500 });
  await standIns.run({ do: "hold", targets: ["/a", "/b"] });
  await connection.sendRequest("tinytap/drain");
  assert.deepEqual([rows.get("/log")?.state, rows.get("/a")?.state], ["in-flight", "in-flight"]);
  await standIns.run({ do: "stop" });
  await standIns.run({ do: "answer" });
  await growing;
  await standIns.run({ do: "hold", targets: ["/c"] });
  await standIns.run({ do: "close" });
  await connection.sendRequest("tinytap/drain");
  assert.deepEqual(
    ["/log", "/a", "/b", "/c"].map((target) => rows.get(target)?.state),
    ["complete", "complete", "complete", "closed"],
  );
  assert.ok(rows.get("/log")!.size > 0);
});

test("bodies are searched beside the traffic, page by page; a search is cancelled, or refused in words", async () => {
  const { connection } = await capture();
  await standIns.run({ do: "traffic", rate: 200, seconds: 0.2 });
  await connection.sendRequest("tinytap/drain");
  const find = (params: object, ...token: CancellationToken[]) =>
    connection.sendRequest<SearchResult>("tinytap/search", params, ...token);
  const hits: string[] = [];
  let before: number | undefined;
  do {
    const page = await find({ query: "/week.*DRIPS/i", limit: 30, ...(before !== undefined && { before }) });
    hits.push(...page.hits.map(({ id, part }) => `${id} ${part}`));
    before = page.before;
  } while (before !== undefined);
  assert.deepEqual(
    hits,
    Array.from({ length: 40 }, (_, i) => `${40 - i} body`),
  );
  const cancellation = new CancellationTokenSource();
  const endless = "/([\\w ]+)*z/";
  const cancelled = find({ query: endless }, cancellation.token);
  cancellation.cancel();
  await assert.rejects(cancelled, { code: -32_800 });
  await assert.rejects(find({ query: "/(/" }), { code: ErrorCodes.InvalidParams, message: /Unterminated/ });
  await assert.rejects(find({ query: "x", limit: 0 }), { message: /limit must be a whole number from 1/ });
  await assert.rejects(find({ query: "x", within: "all" }), {
    message: /within must be one of heads, bodies/,
  });
});

test("it starts when it is told, or refuses by name, and dies when it is killed; each start is counted", async () => {
  const before = standIns.starts;
  const codes: StartErrorCode[] = ["no-root", "self-test-failed", "crashed"];
  for (const code of codes) {
    standIns.next = code;
    await assert.rejects(
      spawnStandIn(script, () => {}),
      (error) => error instanceof HelperStartError && error.code === code,
    );
  }
  let allow = (): void => {};
  standIns.next = new Promise((resolve) => (allow = () => resolve("ready")));
  let stands = false;
  const late = capture().then(() => (stands = true));
  while (standIns.starts < before + 4) await new Promise(setImmediate);
  assert.equal(stands, false);
  allow();
  await late;
  standIns.crash();
  assert.deepEqual(await helper!.exited, { code: null, signal: "SIGKILL" });
  assert.equal(standIns.starts, before + 4);
});
