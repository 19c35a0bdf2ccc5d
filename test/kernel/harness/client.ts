/** The judge: a client that remembers the hash of each body it sent and received. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request as open, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** The header by which a captured exchange is found. */
export const idHeader = "x-test-id";

export interface Digest {
  size: number;
  sha256: string;
}

/** What the client knows of one exchange. */
export interface Received {
  id: string;
  target: string;
  status: number;
  sent: Digest;
  body: Digest;
  /** The connection ended before the body did. */
  cut: boolean;
}

export interface Ask {
  method?: string;
  /** The request's body, in pieces; chunked unless there is just one. */
  body?: Uint8Array[];
  headers?: Record<string, string>;
  /** Waits for a 100 before it sends the body. */
  expect?: boolean;
  /** Milliseconds between reads, and before the first; and between writes of `slice` bytes. */
  slow?: number;
}

const slice = 65_536;
let ids = 0;

/**
 * For bodies larger than the kernel's ring: at full speed, on a machine that does other things too, the helper may fall
 * behind, and would shed bytes as it should.
 */
export function paced(size: number): Ask {
  return size > 4 << 20 ? { slow: 1 } : {};
}

/** Keeps one connection open; requests go one after the other. */
export class Client {
  readonly #agent: Agent;
  readonly #where: { host: string; port: number } | { socketPath: string };
  /** In the order in which they were asked. */
  readonly received: Received[] = [];

  /** `wrap`: what HTTP goes through on its way to the socket. */
  constructor(address: number | string, wrap?: (socket: Socket) => Duplex) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    if (wrap !== undefined)
      this.#agent.createConnection = (_options, _done) => wrap(connect(Number(address), "127.0.0.1"));
    this.#where =
      typeof address === "number" ? { host: "127.0.0.1", port: address } : { socketPath: address };
  }

  get(target: string, ask: Ask = {}): Promise<Received> {
    return this.ask(target, ask);
  }

  post(target: string, body: Uint8Array, ask: Ask = {}): Promise<Received> {
    return this.ask(target, { method: "POST", body: [body], ...ask });
  }

  async ask(target: string, { method = "GET", body, headers, expect, slow = 0 }: Ask): Promise<Received> {
    const id = String(++ids);
    const length = body?.length === 1 ? { "content-length": String(body[0]?.length) } : {};
    const request = open({
      ...this.#where,
      agent: this.#agent,
      method,
      path: target,
      headers: { [idHeader]: id, ...length, ...headers, ...(expect && { expect: "100-continue" }) },
    });
    const received: Received = {
      id,
      target,
      status: 0,
      sent: digest(body ?? []),
      body: digest([]),
      cut: false,
    };
    this.received.push(received);
    const answered = once(request, "response") as Promise<[IncomingMessage]>;
    if (expect) {
      request.flushHeaders();
      await Promise.race([once(request, "continue"), answered]);
    }
    for (const piece of slow > 0 ? sliced(body ?? []) : (body ?? [])) {
      // A server may answer before it has taken everything.
      if (!request.write(piece)) await Promise.race([once(request, "drain"), answered]);
      if (slow > 0) await sleep(slow);
    }
    request.end();
    const [response] = await answered;
    received.status = response.statusCode ?? 0;
    Object.assign(received, await readBody(response, slow));
    return received;
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readBody(response: IncomingMessage, slow: number): Promise<{ body: Digest; cut: boolean }> {
  const hash = createHash("sha256");
  let size = 0;
  if (slow > 0) await sleep(slow);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      if (slow > 0) await sleep(slow);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  }
  return { body: { size, sha256: hash.digest("hex") }, cut: !response.complete };
}

function sliced(body: Uint8Array[]): Uint8Array[] {
  return body.flatMap((piece) =>
    Array.from({ length: Math.ceil(piece.length / slice) }, (_, i) =>
      piece.subarray(i * slice, (i + 1) * slice),
    ),
  );
}

function digest(pieces: Uint8Array[]): Digest {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return { size: pieces.reduce((sum, piece) => sum + piece.length, 0), sha256: hash.digest("hex") };
}

/** A body cut into pieces of all sizes, for a chunked request. */
export function pieces(size: number): Uint8Array[] {
  const body = randomBytes(size);
  const result: Uint8Array[] = [];
  for (let at = 0, step = 1; at < size; at += step, step = step * 3 + 1)
    result.push(body.subarray(at, at + step));
  return result;
}
