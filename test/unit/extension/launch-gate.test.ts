/** Launches are held until the probes are on, shortly, and never in silence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LaunchGate, type GateSurroundings } from "../../../extension/debug/launch-gate.ts";

const times = { patience: 400, silence: 100, lifetime: 1000 };

function gate(surroundings: Partial<GateSurroundings> = {}) {
  const seen = { leases: 0, held: 0, joined: 0, said: 0, asked: 0 };
  const made = new LaunchGate(
    {
      consent: async () => (seen.asked++, true),
      lease: () => {
        seen.leases++;
        seen.held++;
        return { begun: Promise.resolve(true), dispose: () => void seen.held-- };
      },
      join: () => void seen.joined++,
      sayWaiting: async (over) => {
        seen.said++;
        await over;
      },
      now: () => 7,
      ...surroundings,
    },
    times,
  );
  return { gate: made, seen };
}

async function took(work: Promise<void>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

test("a launch goes on as soon as the probes are on, and holds a lease until its session is there", async () => {
  const { gate: held, seen } = gate();
  assert.ok((await took(held.hold("a"))) < times.silence);
  assert.deepEqual([seen.held, seen.said, held.granted, held.since("a")], [1, 0, true, 7]);
  held.passed("a");
  assert.deepEqual([seen.held, held.since("a"), held.since("b")], [0, 7, undefined]);
  held.dispose();
});

test("without consent a launch goes on at once, and nothing is captured", async () => {
  const { gate: held, seen } = gate({ consent: async () => false });
  await held.hold("a");
  assert.deepEqual([seen.leases, seen.said, held.granted], [0, 0, false]);
  held.dispose();
});

test("an unanswered prompt holds a launch for a while only, and says so meanwhile", async () => {
  const never = new Promise<boolean>(() => {});
  let over = false;
  const { gate: held } = gate({
    lease: () => ({ begun: never, dispose: () => {} }),
    sayWaiting: (until) => until.then(() => void (over = true)),
  });
  const waited = await took(held.hold("a"));
  assert.ok(waited >= times.patience - 20 && waited < 4 * times.patience, `${waited} ms`);
  await sleep(0);
  assert.equal(over, true, "what was said goes when the launch goes on");
  held.dispose();
});

test("who doesn't want to wait goes on at once", async () => {
  const never = new Promise<boolean>(() => {});
  const { gate: held } = gate({
    lease: () => ({ begun: never, dispose: () => {} }),
    sayWaiting: async () => {},
  });
  const waited = await took(held.hold("a"));
  assert.ok(waited >= times.silence - 20 && waited < times.patience, `${waited} ms`);
  held.dispose();
});

test("launches that come together ask once; each has its own start and lease", async () => {
  let answer = (_yes: boolean): void => {};
  let asked = 0;
  const { gate: held, seen } = gate({
    consent: () => new Promise((resolve) => (asked++, (answer = resolve))),
  });
  const both = Promise.all([held.hold("a"), held.hold("b")]);
  await sleep(10);
  answer(true);
  await both;
  assert.deepEqual([asked, seen.held], [1, 2]);
  held.passed("a");
  assert.equal(seen.held, 1);
  held.dispose();
});

test("an answer that comes when the session runs already is that session's", async () => {
  let answer = (_yes: boolean): void => {};
  const { gate: held, seen } = gate({ consent: () => new Promise((resolve) => (answer = resolve)) });
  await held.hold("a");
  held.passed("a");
  answer(true);
  await sleep(10);
  assert.deepEqual([seen.joined, seen.leases], [1, 0]);
  held.dispose();
});

test("a launch that brings no session gives its lease back in time; one that fails to ask goes on", async () => {
  const { gate: held, seen } = gate();
  await held.hold("a");
  await sleep(times.lifetime + 100);
  assert.deepEqual([seen.held, held.since("a")], [0, undefined]);
  const broken = gate({ consent: () => Promise.reject(new Error("no window")) });
  await broken.gate.hold("a");
  assert.equal(broken.gate.granted, false);
  held.dispose();
  broken.gate.dispose();
});
