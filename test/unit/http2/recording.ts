/** What Node's own client and server say to each other, as the calls of the one or the other, and what each made of it. */
import { once } from "node:events";
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import {
  connect as connectSocket,
  createServer as createRelay,
  type AddressInfo,
  type Socket,
} from "node:net";
import { Random } from "../http/random.ts";
import { Script } from "../http/script.ts";
import type { Role } from "../../../protocol/exchange.ts";

/** One stream, as the program sees it that receives it. */
export interface Truth {
  id: number;
  method: string;
  /** As received, without pseudo headers. */
  requestHeaders: Record<string, string>;
  requestBody: Buffer;
  status: number;
  responseHeaders: Record<string, string>;
  responseBody: Buffer;
  trailers: Record<string, string>;
  /** Their status codes. */
  interim: number[];
  pushed: boolean;
  cancelled: boolean;
}

export interface Recording {
  script: Script;
  truths: Map<number, Truth>;
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  const pairs = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
  return Object.fromEntries(pairs.map(([name, value]) => [name, [value].flat().join("; ")]));
}

/** `role`: whose calls they are. */
export async function record(role: Role, seed: number, count: number): Promise<Recording> {
  const random = new Random(seed);
  const truths = new Map<number, Truth>();
  const truth = (id: number): Truth => {
    const made: Truth = truths.get(id) ?? {
      ...{ id, method: "", status: 0, requestHeaders: {}, responseHeaders: {}, trailers: {}, interim: [] },
      ...{ requestBody: Buffer.alloc(0), responseBody: Buffer.alloc(0), pushed: false, cancelled: false },
    };
    truths.set(id, made);
    return made;
  };
  const server = createServer();
  server.on("stream", (stream, headers) => void serve(stream, headers, truth, random));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const script = new Script(1, { in: 0xffffff00, out: 5000 }, role);
  const relay = createRelay((socket) => pass(socket, (server.address() as AddressInfo).port, script, role));
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const session = connect(`http://127.0.0.1:${(relay.address() as AddressInfo).port}`);
  session.on("stream", (stream, headers) => {
    const pushed = truth(Number(String(headers[":path"]).slice(1)));
    Object.assign(pushed, { pushed: true, method: "GET" });
    stream.on("push", (response) =>
      Object.assign(pushed, { responseHeaders: plain(response), status: response[":status"] }),
    );
    stream.on("data", (data: Buffer) => (pushed.responseBody = Buffer.concat([pushed.responseBody, data])));
  });
  for (let id = 1; id <= count;) {
    const batch = Array.from({ length: Math.min(random.int(1, 4), count - id + 1) }, () => id++);
    await Promise.all(batch.map((each) => ask(session, each, truth, random)));
  }
  const closed = once(session, "close");
  session.close();
  await closed;
  relay.close();
  server.close();
  script.close();
  return { script, truths };
}

function pass(client: Socket, port: number, script: Script, role: Role): void {
  const server = connectSocket(port, "127.0.0.1");
  const [asks, answers] = role === "server" ? (["in", "out"] as const) : (["out", "in"] as const);
  client.on("data", (data) => {
    script.call(asks, data, { source: asks === "in" ? "read" : "write" });
    server.write(data);
  });
  server.on("data", (data) => {
    script.call(answers, data, { source: answers === "in" ? "read" : "write" });
    client.write(data);
  });
  client.on("end", () => server.end());
  server.on("end", () => client.end());
  client.on("error", () => server.destroy());
  server.on("error", () => client.destroy());
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  truth: (id: number) => Truth,
  random: Random,
): Promise<void> {
  stream.on("error", () => {});
  const id = Number(String(headers[":path"]).slice(1));
  const seen = truth(id);
  seen.method = String(headers[":method"]);
  seen.requestHeaders = { host: String(headers[":authority"]), ...plain(headers) };
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  seen.requestBody = Buffer.concat(chunks);
  const isCancelled = headers["x-cancel"] !== undefined;
  if (!isCancelled && random.chance(0.3) && stream.pushAllowed) {
    const pushedId = 10_000 + id;
    stream.pushStream({ ":path": `/${pushedId}` }, (error, pushed) => {
      if (error !== null) return;
      pushed.respond({ "x-id": pushedId });
      pushed.end(Buffer.from(random.bytes(random.int(0, 2000))));
    });
  }
  if (random.chance(0.2)) stream.additionalHeaders({ ":status": 103, link: "</a.css>; rel=preload" });
  const body = Buffer.from(random.bytes(random.pick([0, 1, 300, 5000, 40_000])));
  const withTrailers = !isCancelled && random.chance(0.3);
  const response: OutgoingHttpHeaders = {
    ":status": random.pick([200, 200, 201, 404, 503, 418]),
    ...{
      "x-id": id,
      "x-constant": "always the same",
      "x-empty": "",
      "set-cookie": [`a=${id}`, "b=2; Path=/"],
    },
    ...(!isCancelled && random.chance(0.5) && { "content-length": body.length }),
  };
  stream.respond(response, { waitForTrailers: withTrailers });
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-trailer": `of ${id}` }));
  if (isCancelled) stream.write("begun");
  else if (seen.method === "HEAD") stream.end();
  else stream.end(body);
}

async function ask(
  session: ClientHttp2Session,
  id: number,
  truth: (id: number) => Truth,
  random: Random,
): Promise<void> {
  const cancels = random.chance(0.1);
  const method = cancels ? "GET" : random.pick(["GET", "GET", "HEAD", "POST", "PUT", "PURGE"]);
  const stream = session.request({
    ...{ ":method": method, ":path": `/${id}`, "x-client": "story", "x-id": id, cookie: "c=1; d=2" },
    ...(cancels && { "x-cancel": "yes" }),
    ...(random.chance(0.3) && { "x-long": "y".repeat(random.int(100, 20_000)) }),
  });
  stream.on("error", () => {});
  stream.on("response", (headers) => {
    Object.assign(truth(id), { status: headers[":status"], responseHeaders: plain(headers) });
  });
  stream.on("headers", (headers) => truth(id).interim.push(Number(headers[":status"])));
  stream.on("trailers", (headers) => (truth(id).trailers = plain(headers)));
  stream.on("data", (data: Buffer) => {
    truth(id).responseBody = Buffer.concat([truth(id).responseBody, data]);
  });
  if (cancels) {
    truth(id).cancelled = true;
    stream.once("data", () => stream.close(constants.NGHTTP2_CANCEL));
  }
  if (method === "POST" || method === "PUT")
    stream.end(Buffer.from(random.bytes(random.pick([0, 10, 4000, 70_000]))));
  else stream.end();
  await once(stream, "close");
}
