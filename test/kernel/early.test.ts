/** Servers that answer before they have read the request: the exchange is seen with its outcome, as either end has it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture, type Line } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { assertWhole, lineOf } from "./harness/compare.ts";
import { executable, freePort, small, together } from "./harness/servers.ts";

const node = (file: string, ...args: string[]) => [
  process.execPath,
  join(import.meta.dirname, "../servers/node", file),
  ...args,
];

/** Once the line is there: no other may be. */
async function only(capture: Capture, role: Line["role"]): Promise<string> {
  const overdue = Date.now() + (small ? 60_000 : 20_000);
  const lines = () => capture.lines.filter((line) => line.role === role);
  while (lines().length === 0 && Date.now() < overdue) await sleep(20);
  await sleep(200);
  return lines().map(told).join("; ");
}

function told({ end, request, response }: Line): string {
  const asked = request === null ? "unseen" : `${request.method} ${request.target} ${request.body.end}`;
  return `${end}: ${asked}, ${response?.status} ${response?.body.size} ${response?.body.end}`;
}

describe("a server that answers before it has read", () => {
  const whole = /^complete: POST \/upload complete, 413 4 complete$/;
  const cutOff = /^(?:closed|reset): POST \/upload (?:closed|reset), 413 4 complete$/;
  const unseen = /^complete: unseen, 413 4 complete$/;
  for (const [what, when, asServer, asClient] of [
    ["at once, and never reads", "never", unseen, cutOff],
    ["at once, and reads then", "first", whole, whole],
    ["after a part, and reads no more", "part", cutOff, cutOff],
    ["after a part, and reads on", "open", whole, whole],
  ] as const)
    test(what, async () => {
      const port = String(await freePort());
      const command = together([node("early.mjs", port, when), node("upload.mjs", port)]);
      const capture = await Capture.start({ command });
      try {
        assert.match(await only(capture, "server"), asServer);
        assert.match(await only(capture, "client"), asClient);
      } finally {
        await capture.stop();
      }
    });

  test("Go, whose handler answers a large upload unread", async () => {
    const port = await freePort();
    const command = [await executable("go"), `127.0.0.1:${port}`, "."];
    const capture = await Capture.start({ command, address: port });
    try {
      const client = new Client(port);
      const received = await client.post("/none", Buffer.alloc(4 << 20));
      const line = lineOf(await capture.linesFor([received]), received);
      assert.equal(line.response?.status, 404);
      assertWhole(line.response.body, received.body, "response");
      assert.match(line.end, /^(?:closed|reset)$/);
      client.close();
    } finally {
      await capture.stop();
    }
  });
});
