import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits until it holds: how long that takes is the machine's affair. Fails after 10 s. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await condition()) return;
    await sleep(10);
  }
  assert.fail(`not within 10 s: ${condition.toString()}`);
}
