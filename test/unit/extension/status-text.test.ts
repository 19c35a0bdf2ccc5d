/** The status bar's tooltip: what is done, what it costs now, and what ran as root. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CaptureStatus, Tally } from "../../../protocol/capture.ts";
import { CostMeter } from "../../../extension/model/cost.ts";
import { detailsText } from "../../../extension/model/status-text.ts";
import { standing } from "./standing.ts";

const tally: Partial<Tally> = {
  ...{ exchanges: 3, inFlight: 1, bytes: 2000, splicedConnections: 3, lost: { shed: 2 } },
  otherConnections: { PostgreSQL: 3, TLS: 9 },
};
const sources: CaptureStatus["sources"] = [
  { name: "syscalls", on: true },
  { name: "sendpath", on: false, reason: "no kprobes" },
];

function said(tallied: Partial<Tally>, known?: Parameters<typeof detailsText>[1]): string {
  const { status } = standing(tallied, [7]);
  return detailsText({ phase: "capturing", elevation: "sudo", status: { ...status, sources } }, known);
}

test("the state in words: what is watched by what, what is lost or off, which connections can't be read, what ran as root", () => {
  const text = said(tally, { programs: [{ pid: 7, name: "shop", ports: [] }] });
  for (const part of [
    "1 process watched: shop (process 7); probes: syscalls\n",
    "3 exchanges ended, 1 in flight",
    "shed 2",
    "12 connections not HTTP: TLS 9, PostgreSQL 3",
    "3 connections spliced, not readable",
    "sendpath is off: no kprobes",
    "As root ran what attaches the probes (by sudo), and nothing since",
  ])
    assert.ok(text.includes(part), part);
  assert.doesNotMatch(said({}), /connection|Lost/);
  const idle = detailsText({ phase: "idle", ...standing() });
  assert.match(idle, /^Tinytap: probes on, watching nothing\n/);
  assert.doesNotMatch(idle, /processes? watched/);
  const failed = detailsText({ phase: "failed", cause: "crashed", message: "Why." });
  assert.equal(failed, "Tinytap: the capture failed\n\nWhy.");
});

test("what it costs now is told by the last two statuses, and nothing costs when none comes any more", () => {
  const meter = new CostMeter();
  const status = (exchanges: number, bytes: number, cpu: number): CaptureStatus => ({
    ...standing({ exchanges, bytes }).status,
    cost: { cpu, memory: 96e6 },
  });
  meter.take(status(0, 0, 100), 0);
  assert.equal(meter.cost(1), undefined);
  meter.take(status(240, 8_600_000, 160), 2000);
  assert.deepEqual(meter.cost(2500), { exchanges: 120, bytes: 4_300_000, cpu: 0.03, memory: 96e6 });
  const busy = /\nNow: 120 exchanges\/s, 4\.3 MB\/s; the helper takes 3 % of a CPU and 96 MB\./;
  assert.match(said({}, { cost: meter.cost(2500) }), busy);
  const calm = /\nNow: no traffic; the helper takes less than 1 % of a CPU and 96 MB\./;
  assert.match(said({}, { cost: meter.cost(9000) }), calm);
  meter.take(status(1, 1, 20), 9000);
  assert.equal(meter.cost(9001), undefined, "another helper counts anew");
  meter.take(status(2, 2, 30), 9500);
  meter.take(undefined, 9600);
  assert.equal(meter.cost(9601), undefined);
});
