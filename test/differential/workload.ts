/** A command to watch: servers and their clients, which say over loopback most of what HTTP/1 and HTTP/2 can be made to say. */
import { once } from "node:events";
import { Agent, createServer, request as ask, type RequestOptions } from "node:http";
import * as http2 from "node:http2";
import { connect, type AddressInfo, type Server } from "node:net";
import { finished } from "node:stream/promises";
import { Random } from "../unit/http/random.ts";

const random = new Random(Number(process.argv[2] ?? 1));
const count = Number(process.argv[3] ?? 300);

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const sizes = [0, 1, 10, 511, 4096, 5000, 70_000, 300_000];
const body = (): Buffer => Buffer.alloc(random.pick(sizes), "0123456789abcdef");

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  incoming.on("end", () => {
    const bytes = body();
    if (random.chance(0.1)) outgoing.writeEarlyHints({ link: "</a.css>; rel=preload" });
    outgoing.statusCode = random.pick([200, 200, 200, 201, 204, 304, 404, 500]);
    const framing = random.pick(["length", "chunks", "close"]);
    if (framing === "length") outgoing.setHeader("Content-Length", bytes.length);
    if (framing === "close") outgoing.shouldKeepAlive = false;
    if (framing === "chunks") outgoing.addTrailers({ "X-T": "t" });
    outgoing.write(bytes.subarray(0, bytes.length >> 1));
    outgoing.end(bytes.subarray(bytes.length >> 1));
  });
});

async function askHttp1(options: RequestOptions, expects: boolean): Promise<void> {
  const outgoing = ask(options);
  const answered = once(outgoing, "response");
  if (expects) {
    outgoing.flushHeaders();
    await once(outgoing, "continue");
  }
  const bytes = options.method === "POST" || options.method === "PUT" ? body() : Buffer.alloc(0);
  if (random.chance(0.5)) outgoing.write(bytes);
  outgoing.end(bytes);
  const [response] = (await answered) as [NodeJS.ReadableStream & { resume(): void }];
  response.resume();
  await finished(response);
}

async function http1(): Promise<void> {
  const port = await listen(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const one = (i: number) => {
    const method = random.pick(["GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
    const path = `/${i}?q=${"x".repeat(random.pick([0, 3, 3000]))}&a=%20<>`.replaceAll(/[<>]/g, "_");
    const expects = method === "PUT" && random.chance(0.3);
    return askHttp1(
      { port, host: "127.0.0.1", agent, method, path, headers: expects ? { Expect: "100-continue" } : {} },
      expects,
    );
  };
  for (let i = 0; i < count; i += 4) await Promise.all([0, 1, 2, 3].map((j) => one(i + j)));
  const socket = connect(port, "127.0.0.1");
  socket.resume();
  socket.end(Array.from({ length: 8 }, (_, i) => `GET /pipelined/${i} HTTP/1.1\r\nHost: h\r\n\r\n`).join(""));
  await once(socket, "close");
  agent.destroy();
  server.close();
}

async function overHttp2(): Promise<void> {
  const second = http2.createServer();
  second.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    stream.on("end", () => {
      if (random.chance(0.1)) stream.additionalHeaders({ ":status": 103 });
      const bytes = body();
      stream.respond({ ":status": random.pick([200, 200, 404]) }, { waitForTrailers: random.chance(0.2) });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-t": "t" }));
      if (headers[":method"] === "HEAD") stream.end();
      else stream.end(bytes);
    });
  });
  const port = await listen(second);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const one = async (i: number): Promise<void> => {
    const method = random.pick(["GET", "GET", "HEAD", "POST", "PUT"]);
    const stream = session.request({
      ":method": method,
      ":path": `/2/${i}`,
      "x-n": String(random.int(0, 5)),
    });
    stream.resume();
    if (method === "POST" || method === "PUT") stream.end(body());
    else stream.end();
    await once(stream, "close");
  };
  for (let i = 0; i < count; i += 5) await Promise.all([0, 1, 2, 3, 4].map((j) => one(i + j)));
  session.close();
  second.close();
}

await Promise.all([http1(), overHttp2()]);
