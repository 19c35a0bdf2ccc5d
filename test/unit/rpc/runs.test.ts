/** Several runs of one helper, by the protocol: what each begins with, and how it ends. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type { Helper } from "../../../client/helper.ts";
import { spawnStandIn } from "../../../extension/client/stand-in.ts";
import type { CaptureStatus } from "../../../protocol/capture.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import type { Notifications, Requests } from "../../../protocol/rpc.ts";
import { buildStandIn } from "../../stand-in/build.ts";
import { connectTo } from "../../stand-in/connection.ts";
import { StandIns } from "../../stand-in/stand-ins.ts";

let folder: string;
let standIns: StandIns;
let helper: Helper;
let connection: MessageConnection;
const rows = new Map<number, ExchangeSummary>();
const statuses: CaptureStatus[] = [];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-runs-"));
  const script = await buildStandIn(folder);
  standIns = new StandIns(folder);
  helper = await spawnStandIn(script, () => {});
  connection = connectTo(helper);
  connection.onNotification("tinytap/exchanges", ({ exchanges }: Notifications["tinytap/exchanges"]) => {
    for (const row of exchanges) rows.set(row.id, row);
  });
  connection.onNotification("tinytap/status", (status: CaptureStatus) => void statuses.push(status));
  connection.listen();
  await connection.sendRequest("initialize", { initializationOptions: {} });
});

after(async () => {
  connection.dispose();
  helper.stdin.end();
  await helper.exited;
  standIns.close();
  rmSync(folder, { recursive: true });
});

function begin(options: Requests["tinytap/begin"][0]): Promise<Requests["tinytap/begin"][1]> {
  return connection.sendRequest("tinytap/begin", options);
}

const targets = [{ pid: process.pid, children: false }];

test("the end of a run stops what is in flight, tells so before it answers, and watches nothing more", async () => {
  const begun = await begin({ targets });
  assert.deepEqual([begun.targets, begun.status.targets], [[{ pid: process.pid }], [process.pid]]);
  await standIns.run({ do: "traffic", rate: 1000, seconds: 0.05 });
  await standIns.run({ do: "hold", targets: ["/held"] });
  const { targets: watched } = await connection.sendRequest<CaptureStatus>("tinytap/end");
  assert.deepEqual(watched, []);
  const held = [...rows.values()].find(({ target }) => target === "/held");
  assert.equal(held?.state, "stopped");
  assert.equal([...rows.values()].filter(({ state }) => state === "complete").length, 50);
});

test("the next run goes on with the ids, and within its own limit", async () => {
  const newest = Math.max(...rows.keys());
  await begin({ targets, maxBody: 100 });
  await standIns.run({ do: "traffic", rate: 1000, seconds: 0.05, sizes: [200_000] });
  await connection.sendRequest("tinytap/drain");
  const later = [...rows.values()].filter(({ id }) => id > newest);
  assert.deepEqual(
    [later.length, later.every(({ state, missing }) => state === "complete" && missing === 199_900)],
    [50, true],
  );
  await begin({ targets });
  await standIns.run({ do: "traffic", rate: 1000, seconds: 0.01, sizes: [200_000] });
  await connection.sendRequest("tinytap/drain");
  assert.equal(rows.get(Math.max(...rows.keys()))?.missing, 0, "the limit was that run's");
});

test("a run's options are checked as the first one's are", () =>
  assert.rejects(begin({ maxBody: -1 }), /maxBody must be a whole number/));

test("the numbers in the status stay fresh, also while only they change", async () => {
  await begin({ targets });
  await standIns.run({ do: "traffic", rate: 500, seconds: 1 });
  const told = () => statuses.at(-1)?.tally.exchanges;
  const { tally } = await connection.sendRequest<CaptureStatus>("tinytap/status");
  for (let waited = 0; told() !== tally.exchanges && waited < 8000; waited += 50)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(told(), tally.exchanges);
});
