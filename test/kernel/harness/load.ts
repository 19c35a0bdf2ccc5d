/** A developer's load: a page with its assets and a few uploads, by several clients at once. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Received } from "./client.ts";

const smallSizes = [0, 1, 1000, 4096, 22 << 10, 1 << 16];
const largeSizes = [1 << 20, 3 << 20];
export const loadSizes = [...smallSizes, ...largeSizes];
/** Bytes of bodies that are moved at least: more than a second's, less than a capture keeps. */
const volume = 96 << 20;

/** What the server can. */
export interface Paths {
  /** To be followed by a size. */
  get: readonly string[];
  /** Takes POST, and answers with the request's body. */
  echo?: string;
}

interface Ask {
  target: string;
  body?: Uint8Array;
}

export interface Load {
  received: Received[];
  /** Of all bodies. */
  bytes: number;
  seconds: number;
}

/** Some 100 MB or what each client takes to ask for everything once, as fast as the server gives and takes them. */
export async function load(port: number, paths: Paths, clients = 8): Promise<Load> {
  const work = worklist(paths, volume / clients);
  const began = performance.now();
  const received = await Promise.all(
    Array.from({ length: clients }, async (_, i) => {
      const client = new Client(port);
      // Each begins at another place, so that large and small ones meet.
      const at = Math.floor((i * work.length) / clients);
      for (const { target, body } of [...work.slice(at), ...work.slice(0, at)])
        await (body === undefined ? client.get(target) : client.post(target, body));
      client.close();
      return client.received;
    }),
  );
  const all = received.flat();
  return { received: all, bytes: sum(all), seconds: (performance.now() - began) / 1000 };
}

/**
 * So many exchanges a second, each second of them an upload of that many bytes that comes back, until `goOn`, asked
 * before each, says no. A client that is late catches up.
 */
export async function steadyLoad(
  port: number,
  perSecond: number,
  upload: number,
  goOn: () => boolean,
): Promise<Received[]> {
  const body = randomBytes(upload);
  const began = performance.now();
  let asked = 0;
  const work = async () => {
    const client = new Client(port);
    while (goOn()) {
      const due = began + (1000 * asked++) / perSecond;
      await sleep(Math.max(0, due - performance.now()));
      await (asked % 2 === 0 ? client.get("/bytes/100") : client.post("/echo", body));
    }
    client.close();
    return client.received;
  };
  const received = await Promise.all(Array.from({ length: 16 }, work));
  return received.flat();
}

function worklist({ get, echo }: Paths, share: number): Ask[] {
  const gets = (size: number): Ask[] => get.map((path) => ({ target: `${path}${size}` }));
  const posts = (size: number): Ask[] =>
    echo === undefined ? [] : [{ target: echo, body: randomBytes(size) }];
  const round = largeSizes.flatMap((large) => [
    ...smallSizes.flatMap((size) => [...gets(size), ...posts(size)]),
    ...gets(large),
    ...posts(large),
  ]);
  const bytes = (get.length + (echo === undefined ? 0 : 2)) * loadSizes.reduce((a, b) => a + b);
  return Array.from({ length: Math.ceil(share / bytes) }, () => round).flat();
}

function sum(received: readonly Received[]): number {
  return received.reduce((total, { sent, body }) => total + sent.size + body.size, 0);
}
