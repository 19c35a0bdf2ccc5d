/** HTTP/2 as Node's own client and server speak it. No two heads are alike. */
import { once } from "node:events";
import { connect, performServerHandshake, type ClientHttp2Session } from "node:http2";
import { duplexPair, type Duplex } from "node:stream";
import { Recorder, uniqueId, type Recording } from "./recorder.ts";

const connections = 16;
/** Requests that a connection has on their way. */
const streams = 4;

/** `bodySize`: of each response. */
export async function recordHttp2(exchanges: number, bodySize: number): Promise<Recording> {
  const recorder = new Recorder(connections);
  const body = Buffer.alloc(bodySize, "x");
  const sessions = Array.from({ length: connections }, (_, i) => open(recorder, i, body));
  let next = 0;
  const ask = async (session: ClientHttp2Session): Promise<void> => {
    while (next < exchanges) await get(session, next++);
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: streams }, () => ask(session))));
  const closed = sessions.map((session) => once(session, "close"));
  for (const session of sessions) session.close();
  await Promise.all(closed);
  return recorder.finish(exchanges, exchanges * bodySize);
}

function open(recorder: Recorder, connection: number, body: Buffer): ClientHttp2Session {
  const [client, clientsPeer] = duplexPair();
  const [serversPeer, server] = duplexPair();
  const session = performServerHandshake(server);
  session.on("stream", (stream, { "x-request-id": id }) => {
    const headers = { "content-type": "application/json", "x-request-id": id, "content-length": body.length };
    stream.respond({ ":status": 200, ...headers });
    stream.end(body);
  });
  passOn(clientsPeer, serversPeer, (bytes) => recorder.call(connection, "in", bytes));
  passOn(serversPeer, clientsPeer, (bytes) => recorder.call(connection, "out", bytes));
  return connect("http://127.0.0.1:8080", { createConnection: () => client });
}

function passOn(from: Duplex, to: Duplex, note: (bytes: Buffer) => void): void {
  from.on("data", (bytes: Buffer) => {
    note(bytes);
    to.write(bytes);
  });
  from.on("end", () => to.end());
}

async function get(session: ClientHttp2Session, number: number): Promise<void> {
  const stream = session.request({
    ":path": `/items/${number}`,
    "user-agent": "bench/1.0",
    accept: "*/*",
    "x-request-id": uniqueId(number),
  });
  stream.resume();
  await once(stream, "close");
}
