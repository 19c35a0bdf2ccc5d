/** A small ring, and a helper that is stopped: bodies are shed first, and every loss is named. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture, idOf } from "./harness/capture.ts";
import { Client } from "./harness/client.ts";
import { assertExact, assertGap, assertWhole, expectExact, lineOf } from "./harness/compare.ts";
import { helperOf } from "./harness/helper.ts";
import { executable, freePort, small } from "./harness/servers.ts";

/** Nobody takes anything out of the ring meanwhile. */
async function whileStopped(capture: Capture, work: () => Promise<void>): Promise<void> {
  const helper = helperOf(capture);
  process.kill(helper, "SIGSTOP");
  try {
    await work();
  } finally {
    process.kill(helper, "SIGCONT");
  }
}

/** A ring of 1 MiB. */
async function startSmall(): Promise<{ capture: Capture; address: number }> {
  const address = await freePort();
  const command = [await executable("moves"), String(address)];
  return { capture: await Capture.start({ options: ["--ring", "1"], command, address }), address };
}

test("bodies in small calls take no room from heads: every exchange of others is there", async () => {
  const { capture, address } = await startSmall();
  try {
    const bulk = new Client(address);
    const other = new Client(address);
    const size = 2 << 20;
    const exchanges = async (count: number) => {
      for (let turn = 0; turn < count; turn++) await other.get("/send/write/100");
    };
    await whileStopped(capture, async () => {
      await Promise.all([bulk.get(`/send/page-writes/${size}`), exchanges(100)]);
      await exchanges(43);
    });
    const lines = await capture.linesFor([...bulk.received, ...other.received]);
    assertExact(lines, other.received);
    for (const each of bulk.received)
      assertGap(lineOf(lines, each).response?.body, size, "shed", each.target);
    const { tally } = await capture.stop();
    assert.match(tally, /lost: shed \d+$/);
  } finally {
    await capture.stop();
  }
});

describe("under pressure", () => {
  let address: number;
  let capture: Capture;

  before(async () => {
    ({ capture, address } = await startSmall());
  });

  after(() => capture.stop());

  test("bodies are shed, exchanges never", async () => {
    const client = new Client(address);
    const size = 1 << 16;
    await whileStopped(capture, async () => {
      for (let turn = 0; turn < 40; turn++) await client.get(`/send/write/${size}`);
    });
    const lines = await capture.linesFor(client.received);
    const bodies = client.received.map((each) => lineOf(lines, each).response?.body);
    for (const [i, body] of bodies.entries()) {
      assert.equal(body?.size, size);
      if (body.missing.length === 0) assert.equal(body.sha256, client.received[i]?.body.sha256);
      for (const { reason } of body.missing) assert.equal(reason, "shed");
    }
    assert.ok(bodies.some((body) => body?.missing.length === 0));
    assert.ok(bodies.some((body) => body?.missing.length !== 0));
    await expectFine(client);
  });

  test("a call larger than the ring: what fits is there, and the rest says why not", async () => {
    const client = new Client(address);
    const size = 4 << 20;
    await whileStopped(capture, async () => {
      await client.get(`/send/write/${size}`);
    });
    const received = client.received[0]!;
    const { response } = lineOf(await capture.linesFor([received]), received);
    const missing = assertGap(response?.body, size, "call-limit", "response");
    assert.ok(missing < size - (1 << 19), `${missing} bytes are missing`);
    await expectFine(client);
  });

  test("records lost in a keep-alive connection harm no other exchange", async () => {
    const client = new Client(address);
    const size = 4000;
    await whileStopped(capture, async () => {
      for (let turn = 0; turn < 1500; turn++) await client.get(`/send/write/${size}`);
    });
    const lost = client.received.splice(0);
    // Heads of both directions were lost: the first response after that could be an older request's.
    await sleep(500);
    await client.get("/send/write/1");
    await expectFine(client);
    const byId = new Map(capture.lines.map((line) => [idOf(line), line]));
    let exact = 0;
    for (const each of lost) {
      const body = byId.get(each.id)?.response?.body;
      if (body === undefined || body.missing.length > 0) continue;
      assertWhole(body, each.body, each.target);
      exact++;
    }
    assert.ok(exact > 100, `only ${exact} are whole`);
    assert.ok(exact < lost.length, "nothing was lost");
    const { tally } = await capture.stop();
    assert.match(tally, /lost: .*ring-full \d+/);
  });

  /** On the same connection, what comes after the loss is exact again. */
  async function expectFine(client: Client): Promise<void> {
    await sleep(500);
    const before = client.received.length;
    for (const size of [1, 5000, 70_000]) await client.get(`/send/write/${size}`);
    const received = client.received.slice(before);
    assertExact(await capture.linesFor(received), received);
  }
});

const tooSmall = small && "an emulated machine has no room for so many";

test("more connections than the map holds: the rest is counted", { skip: tooSmall }, async () => {
  const address = await freePort();
  // A thread per connection would fill the map of threads first.
  const command = [await executable("go"), `127.0.0.1:${address}`, "/tmp"];
  const capture = await Capture.start({ command, address });
  const crowd: Client[] = [];
  try {
    for (let i = 0; i < 16_600; i++) crowd.push(new Client(address));
    for (let i = 0; i < crowd.length; i += 200)
      await Promise.all(crowd.slice(i, i + 200).map((client) => client.get("/bytes/10")));
    // Whatever is there is true (each fiftieth will do), and the rest is counted.
    const lines = await capture.linesFor([]);
    const captured = new Set(lines.map(idOf));
    const received = crowd.flatMap((client) => client.received);
    const sample = received.filter(({ id }) => captured.has(id)).filter((_, i) => i % 50 === 0);
    assertExact(lines, sample);
    assert.ok(captured.size > 16_000 && captured.size < received.length, `${captured.size} were captured`);
    for (const client of crowd) client.close();
    await sleep(1000);
    const next = new Client(address);
    for (const size of [1, 70_000]) await next.get(`/bytes/${size}`);
    await expectExact(capture, next);
    next.close();
    const { tally } = await capture.stop();
    assert.match(tally, /lost: connections-full \d+$/);
  } finally {
    for (const client of crowd) client.close();
    await capture.stop();
  }
});
