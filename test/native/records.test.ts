/** What the kernel side says of this process's own sockets, record by record. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Direction } from "../../helper/stream/segment.ts";
import { listens } from "../kernel/harness/capture.ts";
import { Client } from "../kernel/harness/client.ts";
import { executable, freePort } from "../kernel/harness/servers.ts";
import { eventually } from "./eventually.ts";
import type { SeenEvent } from "./follower.ts";
import { Recorder } from "./recorder.ts";
import {
  end,
  exchange,
  heads,
  moved,
  reached,
  receive,
  request,
  response,
  sides,
  type Side,
} from "./sides.ts";

let recorder: Recorder;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-records-"));
  recorder = new Recorder();
});

after(() => {
  recorder.close();
  rmSync(folder, { recursive: true });
});

const ways: Record<string, (client: Socket, server: Socket) => Promise<void>> = {
  "the client ends first": (client, server) => end(client, server),
  "the server ends first": (client, server) => end(server, client),
  "the client resets": async (client, server) => {
    client.resetAndDestroy();
    await once(server, "error");
  },
  "the server resets": async (client, server) => {
    server.resetAndDestroy();
    await once(client, "error");
  },
};

for (const [way, close] of Object.entries(ways))
  test(`ends carry the final numbers, less a FIN: ${way}`, async () => {
    const [server, client] = await recorder.captured(0, async (client_, server_) => {
      await exchange(client_, server_);
      await close(client_, server_);
    });
    const expected = [
      [server, { in: request.length, out: response.length }],
      [client, { in: response.length, out: request.length }],
    ] as const;
    for (const [side, lengths] of expected) {
      assert.ok(side.closed !== undefined);
      for (const { numbers } of [...side.ended, side.closed])
        for (const direction of ["in", "out"] as const)
          assert.equal(reached(side, direction, numbers[direction]), lengths[direction], direction);
    }
    const ends = way.includes("ends");
    for (const [side] of expected)
      assert.deepEqual(side.ended.map(({ direction }) => direction).toSorted(), ends ? ["in", "out"] : []);
  });

test("a connection tells the numbers of its first bytes, also if it is first seen when others have been moved", async () => {
  const watched = await recorder.captured(0, (client, server) => exchange(client, server));
  const late = await recorder.captured(
    0,
    (client, server) => exchange(client, server),
    "localhost",
    exchange,
  );
  for (const [pair, before] of [
    [watched, { request: 0, response: 0 }],
    [late, { request: request.length, response: response.length }],
  ] as const)
    for (const [i, side] of pair.entries()) {
      const [received, sent] =
        i === 0 ? [before.request, before.response] : [before.response, before.request];
      for (const [direction, bytes] of [
        ["in", received],
        ["out", sent],
      ] as const) {
        const first = side.segments.find((each) => each.direction === direction && each.call !== undefined);
        assert.equal((first!.call!.seq - side.opened.first![direction]) | 0, bytes, `${i} ${direction}`);
      }
    }
});

/** What the two sides do after an exchange, and whether that reset the connection: as the client sees it, and the server. */
const resets: Record<string, [(client: Socket, server: Socket) => Promise<void>, boolean, boolean]> = {
  "the client ends first": [(client, server) => end(client, server), false, false],
  "the server ends first": [(client, server) => end(server, client), false, false],
  "both end at once": [(client, server) => endBoth(client, server), false, false],
  "the client resets": [(client, server) => reset(client, server), true, true],
  "the client resets after the server's FIN": [
    async (client, server) => {
      await half(server, client);
      await reset(client, server);
    },
    true,
    true,
  ],
  "the server resets after the client's FIN, in the middle of its response": [
    async (client, server) => {
      await half(client, server);
      server.write("some of it");
      await receive(client, "some of it".length);
      await reset(server, client);
    },
    true,
    true,
  ],
  "the client goes after its FIN, and leaves some of the response unread": [
    async (client, server) => {
      await half(client, server);
      await leave(client, server);
    },
    true,
    true,
  ],
  "the client goes, and leaves some of the response unread": [leave, true, true],
  "the client goes after its FIN, having read all that came; then the server ends": [
    async (client, server) => {
      await half(client, server);
      client.destroy();
      await once(client, "close");
      server.end();
    },
    false,
    false,
  ],
};

async function endBoth(first: Socket, second: Socket): Promise<void> {
  const ended = [first, second].map((socket) => once(socket.resume(), "end"));
  first.end();
  second.end();
  await Promise.all(ended);
}

/** Sends a FIN, which the other reads. */
async function half(from: Socket, to: Socket): Promise<void> {
  from.end();
  await once(to.resume(), "end");
}

async function reset(from: Socket, to: Socket): Promise<void> {
  const failed = once(to, "error");
  from.resetAndDestroy();
  await failed;
}

/** Without more than its beginning of what the other sends: more than Node reads ahead. */
async function leave(from: Socket, to: Socket): Promise<void> {
  from.pause();
  const failed = once(to, "error");
  to.write(Buffer.alloc(1 << 20));
  await once(from, "readable");
  await sleep(50);
  from.destroy();
  await once(from, "close");
  to.write("more"); // who has read the FIN hears of a reset only so
  await failed;
}

for (const [way, [close, ofClient, ofServer]] of Object.entries(resets))
  test(`a connection's end tells a reset from an orderly one, also after a FIN: ${way}`, async () => {
    const [server, client] = await recorder.captured(0, async (client_, server_) => {
      await exchange(client_, server_);
      await close(client_, server_);
    });
    assert.deepEqual([client.closed?.reset, server.closed?.reset], [ofClient, ofServer]);
  });

test("over AF_UNIX an end tells nothing of a reset", async () => {
  const [server, client] = await recorder.captured(join(folder, "reset"), exchange);
  assert.deepEqual([client.closed?.reset, server.closed?.reset], [undefined, undefined]);
});

test("a close with bytes unread: they were not moved", async () => {
  const size = 1 << 20;
  const [server, client] = await recorder.captured(0, async (client_, server_) => {
    client_.write(request);
    await receive(server_, request.length);
    // More than Node reads ahead.
    server_.write(Buffer.alloc(size));
    await once(client_, "readable");
    await sleep(50);
    client_.destroy();
    await once(server_, "error");
  });
  const read = moved(client, "in");
  assert.ok(read > 0 && read < size);
  assert.equal(reached(client, "in", client.closed!.numbers.in), read);
  assert.equal(reached(client, "out", client.closed!.numbers.out), request.length);
  assert.equal(reached(server, "out", server.closed!.numbers.out), moved(server, "out"));
});

test("the first 8 KiB after a turn of direction may hold a head", async () => {
  const [server, client] = await recorder.captured(0, async (client_, server_) => {
    await exchange(client_, server_);
    const turns: [Socket, Socket, number[]][] = [
      [server_, client_, [5000]],
      [client_, server_, [100]],
      [server_, client_, [5000, 5000, 10]],
    ];
    for (const [from, to, lengths] of turns)
      for (const length of lengths) {
        from.write(Buffer.alloc(length));
        await receive(to, length);
      }
  });
  const outOfServer = [
    [response.length, 8192],
    [5000, 0],
    [5000, 5000],
    [5000, 3192],
    [10, 0],
  ];
  assert.deepEqual(heads(server, "out"), outOfServer);
  assert.deepEqual(heads(client, "out"), [
    [request.length, request.length],
    [100, 100],
  ]);
});

/** Of each call: its first byte's number, and where the other direction stood, both from the first byte that was moved. */
function others(side: Side, direction: Direction): [number, number | undefined][] {
  const opposite = direction === "in" ? "out" : "in";
  return side.segments
    .filter((segment) => segment.direction === direction && segment.call !== undefined)
    .map(({ call, other }) => [
      reached(side, direction, call!.seq),
      other === undefined ? undefined : reached(side, opposite, other),
    ]);
}

for (const [family, address] of [
  ["TCP", () => 0],
  ["AF_UNIX", () => join(folder, "other")],
] as const)
  test(`over ${family}, a request says where its response begins, and a response where its request ended`, async () => {
    const both = await recorder.captured(address(), async (client, server) => {
      for (let turn = 0; turn < 3; turn++) {
        client.write(request);
        await receive(server, request.length);
        server.write("response");
        await receive(client, "response".length);
      }
      // A FIN counts for TCP; it is no byte of the request.
      client.end(request);
      await receive(server, request.length);
      if (!server.readableEnded) await once(server.resume(), "end");
      server.write("response");
      await receive(client, "response".length);
    });
    const requests = [0, 1, 2, 3].map((turn) => [1000 * turn, 8 * turn]);
    const responses = [0, 1, 2, 3].map((turn) => [8 * turn, 1000 * (turn + 1)]);
    const server = both.findIndex((side) => side.segments[0]?.direction === "in");
    const ofServer = both[server]!;
    const ofClient = both[1 - server]!;
    assert.deepEqual(others(ofServer, "in"), requests);
    assert.deepEqual(others(ofClient, "out"), requests);
    assert.deepEqual(others(ofServer, "out"), responses);
    assert.deepEqual(others(ofClient, "in"), responses);
  });

test("opened: the network namespace, and that the numbers are TCP's own", async () => {
  const inode = /\d+/.exec(readlinkSync("/proc/self/ns/net"))?.[0];
  for (const { opened } of await recorder.captured(0, exchange))
    assert.deepEqual([opened.netns, opened.isNumberedByTcp], [Number(inode), true]);
});

test("AF_UNIX: the running sums, and no network namespace", async () => {
  const both = await recorder.captured(join(folder, "socket"), async (client, server) => {
    await exchange(client, server);
    await end(client, server);
  });
  for (const side of both) {
    const { in: received, out: sent } = side.closed!.numbers;
    assert.deepEqual(
      [received, sent].toSorted((a, b) => a - b),
      [request.length, response.length],
    );
    assert.deepEqual([side.opened.netns, side.opened.isNumberedByTcp], [0, false]);
  }
});

/** Where TARGET_WATCH of bpf/records.h begins. */
const watchShift = 4;

for (const [family, address] of [
  ["TCP", freePort],
  ["AF_UNIX", () => Promise.resolve(join(folder, "again"))],
] as const)
  test(`over ${family}, watched again: the first request after it is whole, and no call counts as under way`, async () => {
    const where = await address();
    const server = spawn(await executable("moves"), [String(where)], { stdio: "ignore" });
    const targets = new recorder.addon.Targets(recorder.loaded.targets);
    const client = new Client(where);
    try {
      await eventually(() => listens(where));
      const events: SeenEvent[] = [];
      const received = () =>
        sides(events).flatMap(({ segments }) =>
          segments.filter(({ direction, call }) => direction === "in" && call !== undefined),
        );
      const ask = async (expected: number) => {
        await client.get("/send/write/10");
        await eventually(async () => {
          events.push(...(await recorder.follower.events()));
          return received().length >= expected;
        });
      };
      targets.set(server.pid!, 1 | (1 << watchShift));
      await ask(1);
      // Its thread waits for the next request, which it gets, and the one after, unseen.
      targets.set(server.pid!, 0);
      await ask(1);
      await ask(1);
      targets.set(server.pid!, 1 | (2 << watchShift));
      await ask(2);
      // And now it waits for room, in a call that began unseen.
      targets.set(server.pid!, 0);
      const slow = client.get(`/send/write/${3 << 20}`, { slow: 10 });
      await sleep(100);
      targets.set(server.pid!, 1 | (3 << watchShift));
      await slow;
      await ask(3);
      for (const { call, bytes } of received()) {
        assert.equal(bytes.length, call!.length);
        assert.match(Buffer.from(bytes).toString(), /^GET /);
      }
    } finally {
      client.close();
      server.kill();
      await once(server, "exit");
      await recorder.follower.events();
    }
  });

test("over AF_UNIX, watched again: it is told of anew, as nobody knows what was moved between", async () => {
  const targets = new recorder.addon.Targets(recorder.loaded.targets);
  const watch = (count: number) => targets.set(process.pid, 1 | (count << watchShift));
  const listener = createServer().listen(join(folder, "between"));
  await once(listener, "listening");
  const client = connect({ path: join(folder, "between") });
  const [server] = (await once(listener, "connection")) as [Socket];
  const events: SeenEvent[] = [];
  const say = async (words: string) => {
    client.write(words);
    await receive(server, words.length);
    events.push(...(await recorder.follower.events()));
  };
  try {
    watch(4);
    await say("half of a ");
    await say("resp");
    targets.set(process.pid, 0);
    await say("onse");
    watch(5);
    await say("HTTP/1.1");
    await say(" 200");
    const ofReceiver = events.filter(
      ({ connection }) =>
        connection ===
        events.find((event) => event.kind === "segment" && event.direction === "in")?.connection,
    );
    assert.deepEqual(
      ofReceiver.map((event) =>
        event.kind === "segment" ? Buffer.from(event.bytes).toString() : event.kind,
      ),
      ["opened", "half of a ", "resp", "opened", "HTTP/1.1", " 200"],
    );
  } finally {
    client.destroy();
    await once(server, "close");
    targets.set(process.pid, 0);
    listener.close();
    await recorder.follower.events();
  }
});
