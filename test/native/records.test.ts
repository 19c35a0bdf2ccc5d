/** What the kernel side says of this process's own sockets, record by record. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAddon, mute, type Loaded } from "../../helper/capture/addon.ts";
import type {
  ConnectionClosed,
  ConnectionOpened,
  Direction,
  DirectionEnded,
} from "../../helper/stream/segment.ts";
import { dist } from "../../scripts/paths.mjs";
import { listens } from "../kernel/harness/capture.ts";
import { Client } from "../kernel/harness/client.ts";
import { executable, freePort } from "../kernel/harness/servers.ts";
import { eventually } from "./eventually.ts";
import { descriptors } from "./descriptors.ts";
import { Follower, type SeenEvent, type SeenSegment } from "./follower.ts";

const ringBytes = 1 << 20;
const addon = loadAddon(dist);
let loaded: Loaded;
let follower: Follower;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-records-"));
  loaded = addon.load({ directory: dist, ownerUid: 0, ownerGid: 0, anyUser: true, ringBytes });
  follower = new Follower(addon, loaded.ring, ringBytes, 4);
});

after(() => {
  follower.drain.close();
  for (const fd of descriptors(loaded)) closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** What a side of a connection said of itself. */
interface Side {
  opened: ConnectionOpened;
  segments: SeenSegment[];
  ended: DirectionEnded[];
  closed: ConnectionClosed | undefined;
}

function sides(events: readonly SeenEvent[]): Side[] {
  return events
    .filter((event) => event.kind === "opened")
    .map((opened) => {
      const own = events.filter(({ connection }) => connection === opened.connection);
      return {
        opened,
        segments: own.filter((event) => event.kind === "segment"),
        ended: own.filter((event) => event.kind === "ended"),
        closed: own.find((event) => event.kind === "closed"),
      };
    });
}

/** Bytes from the first that was moved to `number`. */
function reached({ segments }: Side, direction: Direction, number: number): number {
  const first = segments.find((segment) => segment.direction === direction && segment.call !== undefined);
  return first?.call === undefined ? 0 : (number - first.call.seq) | 0;
}

/** What the calls say they moved. */
function moved({ segments }: Side, direction: Direction): number {
  const calls = segments.filter((segment) => segment.direction === direction).map(({ call }) => call);
  return calls.reduce((sum, call) => sum + (call?.length ?? 0), 0);
}

/** Of each call: its length, and how many of its bytes may be of a head. */
function heads({ segments }: Side, direction: Direction): [number, number][] {
  const calls: [number, number][] = [];
  let head = 0;
  for (const segment of segments.filter((each) => each.direction === direction)) {
    if (segment.head) head += segment.bytes.length;
    if (segment.call === undefined) continue;
    calls.push([segment.call.length, head]);
    head = 0;
  }
  return calls;
}

/** Runs `talk` over a connection of this process with itself; gives both sides' records: the server's first. */
async function captured(
  address: number | string,
  talk: (client: Socket, server: Socket, soFar: () => Promise<[Side, Side]>) => Promise<void>,
): Promise<[Side, Side]> {
  const events: SeenEvent[] = [];
  const listener = createServer({ allowHalfOpen: true }).listen(address);
  await once(listener, "listening");
  const where = listener.address() as AddressInfo | string;
  const client = connect({
    allowHalfOpen: true,
    ...(typeof where === "string" ? { path: where } : { port: where.port }),
  });
  const [server] = (await once(listener, "connection")) as [Socket];
  const targets = new addon.Targets(loaded.targets);
  targets.set(process.pid, 1);
  try {
    await talk(client, server, bothSides);
    await Promise.all(
      [client, server].map(async (socket) => {
        if (!socket.destroyed) socket.destroy();
        if (!socket.closed) await once(socket, "close");
      }),
    );
    // The last acknowledgement may be on its way.
    await eventually(async () => (await bothSides()).every(({ closed }) => closed !== undefined));
  } finally {
    targets.set(process.pid, 0);
    listener.close();
  }
  return await bothSides();

  async function bothSides(): Promise<[Side, Side]> {
    events.push(...(await follower.events()));
    const [first, second, ...others] = sides(events);
    assert.ok(first !== undefined && second !== undefined && others.length === 0);
    const isServer = ({ opened }: Side) =>
      typeof where !== "string" && opened.local.endsWith(`:${where.port}`);
    return isServer(second) ? [second, first] : [first, second];
  }
}

/** Where TARGET_WATCH of bpf/records.h begins. */
const watchShift = 4;

const request = Buffer.alloc(1000, "q");
const response = Buffer.alloc(70_001, "r");

/** Reads `length` bytes. */
async function receive(socket: Socket, length: number): Promise<void> {
  let got = 0;
  while (got < length) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    got += chunk.length;
  }
  assert.equal(got, length);
}

async function exchange(client: Socket, server: Socket): Promise<void> {
  client.write(request);
  await receive(server, request.length);
  server.write(response);
  await receive(client, response.length);
}

async function end(first: Socket, second: Socket): Promise<void> {
  first.end();
  await once(second.resume(), "end");
  second.end();
  await once(first.resume(), "end");
}

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
    const [server, client] = await captured(0, async (client_, server_) => {
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

test("a close with bytes unread: they were not moved", async () => {
  const size = 1 << 20;
  const [server, client] = await captured(0, async (client_, server_) => {
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
  const [server, client] = await captured(0, async (client_, server_) => {
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
    const both = await captured(address(), async (client, server) => {
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

test("opened: the network namespace", async () => {
  const inode = /\d+/.exec(readlinkSync("/proc/self/ns/net"))?.[0];
  for (const { opened } of await captured(0, exchange)) assert.equal(opened.netns, Number(inode));
});

test("AF_UNIX: the running sums, and no network namespace", async () => {
  const both = await captured(join(folder, "socket"), async (client, server) => {
    await exchange(client, server);
    await end(client, server);
  });
  for (const side of both) {
    const { in: received, out: sent } = side.closed!.numbers;
    assert.deepEqual(
      [received, sent].toSorted((a, b) => a - b),
      [request.length, response.length],
    );
    assert.equal(side.opened.netns, 0);
  }
});

/** A call that sent: its length, how many of its bytes came, and what the rest is missing for. */
type Sent = [length: number, payload: number, reason?: string];

function sent({ segments }: Side): Sent[] {
  const out = segments.filter(({ direction }) => direction === "out");
  return out
    .filter(({ call }) => call !== undefined)
    .map(({ call }) => {
      const { seq, length, reason } = call!;
      const own = out.filter(
        (segment) => ((segment.seq - seq) | 0) >= 0 && ((segment.seq - seq) | 0) < length,
      );
      const payload = own.reduce((sum, { bytes }) => sum + bytes.length, 0);
      return payload === length ? [length, payload] : [length, payload, reason];
    });
}

/** The number of the next byte to be sent. */
function next({ segments }: Side): number {
  const last = segments.findLast(({ direction, call }) => direction === "out" && call !== undefined);
  return (last!.call!.seq + last!.call!.length) >>> 0;
}

/** What comes of the server's sends of these lengths under a mute of its side's direction out. */
async function underMute(
  lengths: readonly number[],
  set: (connection: number, number: number) => void,
): Promise<Sent[]> {
  const [server] = await captured(0, async (client_, server_, soFar) => {
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
  const mutes = new addon.Mutes(loaded.mutes);
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
  const mutes = new addon.Mutes(loaded.mutes);
  const far = (connection: number, number: number) =>
    mutes.set(connection, 1, mute.until, (number + 2 ** 31 - 1) >>> 0);
  assert.deepEqual(await underMute([3000], far), [[3000, 0, "body-limit"]]);
  const behind = (connection: number, number: number) =>
    mutes.set(connection, 1, mute.until, (number - 1) >>> 0);
  assert.deepEqual(await underMute([3000], behind), [[3000, 3000]]);
});

test("not HTTP: the start of each call still comes", async () => {
  const mutes = new addon.Mutes(loaded.mutes);
  const set = (connection: number) => mutes.set(connection, 1, mute.other, 0);
  assert.deepEqual(await underMute([5000, 256, 257, 70_000], set), [
    [5000, 256, "body-limit"],
    [256, 256],
    [257, 256, "body-limit"],
    [70_000, 256, "body-limit"],
  ]);
});

test("muted altogether; not by another connection's word, nor the other direction's", async () => {
  const mutes = new addon.Mutes(loaded.mutes);
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
  const mutes = new addon.Mutes(loaded.mutes);
  for (const connection of [-1, 2 ** 32])
    assert.throws(() => mutes.set(connection, 1, mute.all, 0), { code: "ERANGE" });
  assert.throws(() => mutes.set(1, 2 as 1, mute.all, 0), { code: "ERANGE" });
  assert.throws(() => mutes.set(1, 1, 4 as 3, 0), { code: "ERANGE" });
});

for (const [family, address] of [
  ["TCP", freePort],
  ["AF_UNIX", () => Promise.resolve(join(folder, "again"))],
] as const)
  test(`over ${family}, watched again: the first request after it is whole, and no call counts as under way`, async () => {
    const where = await address();
    const server = spawn(await executable("moves"), [String(where)], { stdio: "ignore" });
    const targets = new addon.Targets(loaded.targets);
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
          events.push(...(await follower.events()));
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
      await follower.events();
    }
  });

const noSendpath = 4; // TARGET_NO_SENDPATH of bpf/records.h
for (const [source, flags] of [
  ["the send path", 1],
  ["the page cache", 1 | noSendpath],
] as const)
  test(`muted pages, by ${source}`, async (t) => {
    if (flags === 1 && loaded.sources.find(({ name }) => name === "sendpath")?.probe === "")
      return t.skip("this kernel has no probe on the send path");
    const port = await freePort();
    const server = spawn(await executable("moves"), [String(port)], { stdio: "ignore" });
    const targets = new addon.Targets(loaded.targets);
    const mutes = new addon.Mutes(loaded.mutes);
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
          events.push(...(await follower.events()));
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
      await follower.events();
    }
  });
