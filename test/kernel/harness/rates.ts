/** So much a second that a person can't follow: requests by HTTP/2 in clear, and calls by gRPC. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { idHeader, type Digest, type Received } from "./client.ts";

export const perSecond = 1000;
export const seconds = 5;

interface Ask {
  headers: OutgoingHttpHeaders & { ":path": string };
  sent: Uint8Array;
}

/** By Go's server: half of them echo what is sent. Each target ends with the request's number. */
export function askGo(port: number): Promise<Received[]> {
  return askAll(port, (index) =>
    index % 2 === 0
      ? { headers: { ":path": `/bytes/${index % 3000}?i=${index}` }, sent: new Uint8Array(0) }
      : {
          headers: { ":path": `/echo?i=${index}`, ":method": "POST" },
          sent: randomBytes(index % 3000),
        },
  );
}

/** By the server of grpc-go: each call asks for an answer of its own size, and carries bytes of its own. */
export function callGrpc(port: number): Promise<Received[]> {
  return askAll(port, (index) => ({
    headers: {
      ...{ ":path": "/grpc.testing.TestService/UnaryCall", ":method": "POST" },
      ...{ "content-type": "application/grpc", te: "trailers" },
    },
    sent: simpleRequest(1 + (index % 2000), randomBytes(200)),
  }));
}

/** Over several connections, each with many streams at once. */
async function askAll(port: number, each: (index: number) => Ask): Promise<Received[]> {
  const sessions = Array.from({ length: 4 }, () => connect(`http://127.0.0.1:${port}`));
  const received = await atRate((index) => ask(sessions[index % 4]!, String(index), each(index)));
  for (const session of sessions) session.close();
  return received;
}

/** What is late is caught up. */
export async function atRate<Result>(ask: (index: number) => Result): Promise<Awaited<Result>[]> {
  const all = perSecond * seconds;
  const began = performance.now();
  const asked: Result[] = [];
  while (asked.length < all) {
    const due = Math.min(((performance.now() - began) * perSecond) / 1000, all);
    while (asked.length < due) asked.push(ask(asked.length));
    await sleep(1);
  }
  return Promise.all(asked);
}

async function ask(session: ClientHttp2Session, id: string, { headers, sent }: Ask): Promise<Received> {
  const stream = session.request({ ...headers, [idHeader]: id });
  // A GET has been ended by then.
  stream.end(sent.length > 0 ? sent : undefined);
  const [answer] = (await once(stream, "response")) as [{ ":status"?: number }];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return {
    ...{ id, target: headers[":path"], status: answer[":status"] ?? 0 },
    ...{ sent: digest(sent), body: digest(Buffer.concat(chunks)), cut: false },
  };
}

function digest(bytes: Uint8Array): Digest {
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** A `SimpleRequest` of gRPC's own tests, as it is on the wire. */
function simpleRequest(size: number, own: Uint8Array): Buffer {
  const varint = (value: number) => Buffer.of((value & 127) | 128, value >> 7);
  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.length), bytes]);
  const message = Buffer.concat([Buffer.of(0x10), varint(size), field(3, field(2, own))]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
