import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { small } from "../kernel/harness/servers.ts";

/** Seconds; an emulated processor takes its time. */
const patience = small ? 60 : 10;

/** Waits until it holds: how long that takes is the machine's affair. Fails after `patience`. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < patience * 100; turn++) {
    if (await condition()) return;
    await sleep(10);
  }
  assert.fail(`not within ${patience} s: ${condition.toString()}`);
}
