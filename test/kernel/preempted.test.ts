/** From 7.x on a program can be preempted, and is then skipped for the other threads on its processor: bpf/spares.h. */
import assert from "node:assert/strict";
import { release } from "node:os";
import { test } from "node:test";
import { Capture } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { nothingShort, shortfall } from "./harness/compare.ts";
import { helperOf, skips } from "./harness/helper.ts";
import { executable, freePort, small } from "./harness/servers.ts";

const unneeded =
  small &&
  Number.parseInt(release(), 10) < 7 &&
  "no kernel before 7 preempts a raw tracepoint's program, and emulated it takes minutes";
/** One call each, whose payload takes longer to copy than a thread may run beside others. */
const large = 2 << 20;
const threads = 6;
const rounds = 4;

test(
  "threads whose payload takes long to copy cost other threads no call",
  { skip: unneeded },
  async (context) => {
    const address = await freePort();
    const capture = await Capture.start({ command: [await executable("moves"), String(address)], address });
    try {
      const clients = Array.from({ length: 2 * threads }, () => new Client(address));
      let busy = threads;
      await Promise.all(
        clients.map(async (client, i) => {
          if (i < threads) {
            for (let round = 0; round < rounds; round++) await client.get(`/send/write/${large}`);
            busy--;
          } else while (busy > 0) await client.get("/send/small-writes/1000");
        }),
      );
      const received = clients.flatMap((client) => client.received);
      for (const client of clients) client.close();
      const lines = await capture.linesFor(received);
      const skipped = skips(helperOf(capture));
      const { tally } = await capture.stop();
      context.diagnostic(`${received.length} exchanges, ${skipped} skips; ${tally}`);
      assert.deepEqual(shortfall(lines, received), nothingShort, tally);
      assert.match(tally, /, nothing lost$/);
      if (skipped === 0) context.skip("this kernel preempted none of the programs");
    } finally {
      await capture.stop();
    }
  },
);
