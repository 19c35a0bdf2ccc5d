/** What the kernel side copies no more once nobody wants it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { mute } from "../../helper/capture/addon.ts";
import { listens } from "../kernel/harness/capture.ts";
import { Client } from "../kernel/harness/client.ts";
import { executable, freePort } from "../kernel/harness/servers.ts";
import { eventually } from "./eventually.ts";
import type { SeenEvent } from "./follower.ts";
import { Recorder } from "./recorder.ts";
import { exchange, moved, next, reached, receive, sent, sides, type Sent } from "./sides.ts";

let recorder: Recorder;
before(() => void (recorder = new Recorder()));
after(() => recorder.close());

/** What comes of the server's sends of these lengths under a mute of its side's direction out. */
async function underMute(
  lengths: readonly number[],
  set: (connection: number, number: number) => void,
): Promise<Sent[]> {
  const [server] = await recorder.captured(0, async (client_, server_, soFar) => {
    await exchange(client_, server_);
    const [{ opened }] = await soFar();
    set(opened.connection, next((await soFar())[0]));
    for (const length of lengths) {
      server_.write(Buffer.alloc(length, "m"));
      await receive(client_, length);
    }
  });
  return sent(server).slice(-lengths.length);
}

test("muted until a number: calls that end there or before have no payload, others have all", async () => {
  const mutes = new recorder.addon.Mutes(recorder.loaded.mutes);
  const set = (connection: number, number: number) => mutes.set(connection, 1, mute.until, number + 5000);
  assert.deepEqual(await underMute([3000, 2000, 1000], set), [
    [3000, 0, "body-limit"],
    [2000, 0, "body-limit"],
    [1000, 1000],
  ]);
  assert.deepEqual(await underMute([3000, 2001], set), [
    [3000, 0, "body-limit"],
    [2001, 2001],
  ]);
});

test("muted until a number that is about to wrap", async () => {
  const mutes = new recorder.addon.Mutes(recorder.loaded.mutes);
  const far = (connection: number, number: number) =>
    mutes.set(connection, 1, mute.until, (number + 2 ** 31 - 1) >>> 0);
  assert.deepEqual(await underMute([3000], far), [[3000, 0, "body-limit"]]);
  const behind = (connection: number, number: number) =>
    mutes.set(connection, 1, mute.until, (number - 1) >>> 0);
  assert.deepEqual(await underMute([3000], behind), [[3000, 3000]]);
});

test("not HTTP: the start of each call still comes", async () => {
  const mutes = new recorder.addon.Mutes(recorder.loaded.mutes);
  const set = (connection: number) => mutes.set(connection, 1, mute.other, 0);
  assert.deepEqual(await underMute([5000, 256, 257, 70_000], set), [
    [5000, 256, "body-limit"],
    [256, 256],
    [257, 256, "body-limit"],
    [70_000, 256, "body-limit"],
  ]);
});

test("muted altogether; not by another connection's word, nor the other direction's", async () => {
  const mutes = new recorder.addon.Mutes(recorder.loaded.mutes);
  const all = (connection: number) => mutes.set(connection, 1, mute.all, 0);
  assert.deepEqual(await underMute([1, 5000], all), [
    [1, 0, "body-limit"],
    [5000, 0, "body-limit"],
  ]);
  const others = (connection: number) => mutes.set(connection + 16_384, 1, mute.all, 0);
  assert.deepEqual(await underMute([5000], others), [[5000, 5000]]);
  const received = (connection: number) => mutes.set(connection, 0, mute.all, 0);
  assert.deepEqual(await underMute([5000], received), [[5000, 5000]]);
  const lifted = (connection: number) => {
    mutes.set(connection, 1, mute.all, 0);
    mutes.set(connection, 1, mute.none, 0);
  };
  assert.deepEqual(await underMute([5000], lifted), [[5000, 5000]]);
});

test("what can be no mute", () => {
  const mutes = new recorder.addon.Mutes(recorder.loaded.mutes);
  for (const connection of [-1, 2 ** 44])
    assert.throws(() => mutes.set(connection, 1, mute.all, 0), { code: "ERANGE" });
  assert.throws(() => mutes.set(1, 2 as 1, mute.all, 0), { code: "ERANGE" });
  assert.throws(() => mutes.set(1, 1, 4 as 3, 0), { code: "ERANGE" });
});

const noSendpath = 4; // TARGET_NO_SENDPATH of bpf/records.h
for (const [source, flags] of [
  ["the send path", 1],
  ["the page cache", 1 | noSendpath],
] as const)
  test(`muted pages, by ${source}`, async (t) => {
    if (flags === 1 && recorder.loaded.sources.find(({ name }) => name === "sendpath")?.probe === "")
      return t.skip("this kernel has no probe on the send path");
    const port = await freePort();
    const server = spawn(await executable("moves"), [String(port)], { stdio: "ignore" });
    const targets = new recorder.addon.Targets(recorder.loaded.targets);
    const mutes = new recorder.addon.Mutes(recorder.loaded.mutes);
    const client = new Client(port);
    const size = 200_000;
    try {
      while (!(await listens(port))) await sleep(20);
      targets.set(server.pid!, flags);
      const events: SeenEvent[] = [];
      /** Calls that sent a file, and on which side: the first side may be another test's connection, whose end came late. */
      const files = () =>
        sides(events).flatMap((side) =>
          sent(side)
            .filter(([length]) => length === size)
            .map((last) => ({ side, last })),
        );
      const get = async () => {
        const before = files().length;
        await client.get(`/file/position/${size}`);
        // The call returns after the client has all of it.
        await eventually(async () => {
          events.push(...(await recorder.follower.events()));
          return files().length > before;
        });
        return files().at(-1)!;
      };
      const { side, last } = await get();
      assert.deepEqual(last, [size, size]);
      const asked = moved(side, "in");
      for (const { direction, other } of side.segments)
        if (direction === "out") assert.equal(reached(side, "in", other!), asked);
      const { connection } = side.opened;
      for (const [kind, until] of [
        [mute.all, 0],
        [mute.other, 0],
        [mute.until, next(side) + 2 ** 30],
      ] as const) {
        mutes.set(connection, 1, kind, until >>> 0);
        assert.deepEqual((await get()).last, [size, 0, "body-limit"]);
      }
      mutes.set(connection, 1, mute.until, next(side));
      assert.deepEqual((await get()).last, [size, size]);
    } finally {
      client.close();
      server.kill();
      await once(server, "exit");
      await recorder.follower.events();
    }
  });
