/** What the kernel side says of this process's own sockets, record by record. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAddon, type Loaded } from "../../helper/capture/addon.ts";
import type {
  ConnectionClosed,
  ConnectionOpened,
  Direction,
  DirectionEnded,
  Segment,
  TrafficEvent,
} from "../../helper/stream/segment.ts";
import { dist } from "../../scripts/paths.mjs";
import { Follower } from "./follower.ts";

const ringBytes = 1 << 20;
const addon = loadAddon(dist);
let loaded: Loaded;
let follower: Follower;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-records-"));
  loaded = addon.load({ directory: dist, ownerUid: 0, anyUser: true, ringBytes });
  follower = new Follower(addon, loaded.ring, ringBytes, 8);
});

after(() => {
  follower.drain.close();
  for (const fd of [
    loaded.ring,
    loaded.targets,
    loaded.counters,
    ...loaded.sources.flatMap(({ links }) => links),
  ])
    closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** What a side of a connection said of itself. */
interface Side {
  opened: ConnectionOpened;
  segments: Segment[];
  ended: DirectionEnded[];
  closed: ConnectionClosed | undefined;
}

function sides(events: readonly TrafficEvent[]): Side[] {
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

/** Runs `talk` over a connection of this process with itself; gives both sides' records: the server's first. */
async function captured(
  address: number | string,
  talk: (client: Socket, server: Socket) => Promise<void>,
): Promise<[Side, Side]> {
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
    await talk(client, server);
    await Promise.all(
      [client, server].map(async (socket) => {
        if (!socket.destroyed) socket.destroy();
        if (!socket.closed) await once(socket, "close");
      }),
    );
    // The last acknowledgement may be on its way.
    await sleep(50);
  } finally {
    targets.set(process.pid, 0);
    listener.close();
  }
  const [first, second, ...others] = sides(await follower.readEvents());
  assert.ok(first !== undefined && second !== undefined && others.length === 0);
  const isServer = ({ opened }: Side) => typeof where !== "string" && opened.local.endsWith(`:${where.port}`);
  return isServer(second) ? [second, first] : [first, second];
}

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
    const [server, client] = await captured(0, async (...pair) => {
      await exchange(...pair);
      await close(...pair);
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

test("AF_UNIX: the running sums, and no network namespace", async () => {
  const both = await captured(join(folder, "socket"), async (...pair) => {
    await exchange(...pair);
    await end(...pair);
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
