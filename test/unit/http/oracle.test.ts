import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage } from "node:http";
import { createServer as createRelay, connect, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import type { Header } from "../../../protocol/exchange.ts";
import { Random } from "./random.ts";
import { run, Script } from "./script.ts";

interface Message {
  first: string;
  headers: Header[];
  body: string;
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

function pairs(raw: string[]): Header[] {
  const headers: Header[] = [];
  for (let i = 0; i < raw.length; i += 2) headers.push([raw[i]!, raw[i + 1]!]);
  return headers;
}

/** A relay that writes down what it passes on, as the calls of a server behind it. */
function relayTo(port: number, script: Script, random: Random): ReturnType<typeof createRelay> {
  return createRelay((client: Socket) => {
    const server = connect(port, "127.0.0.1");
    client.on("data", (data) => {
      script.read(data, { cuts: data.length > 1 ? [random.int(1, data.length - 1)] : [] });
      server.write(data);
    });
    server.on("data", (data) => {
      script.write(data);
      client.write(data);
    });
    client.on("end", () => server.end());
    server.on("end", () => client.end());
    client.on("error", () => server.destroy());
    server.on("error", () => client.destroy());
  });
}

test("heads and bodies are what Node's own parser makes of the same bytes", { timeout: 30_000 }, async () => {
  const random = new Random(7);
  const script = new Script();
  const requests: Message[] = [];
  const responses: Message[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const first = `${incoming.method} ${incoming.url}`;
      requests.push({ first, headers: pairs(incoming.rawHeaders), body: await bodyOf(incoming) });
      const body = Buffer.from(random.bytes(random.int(0, 70_000)));
      if (random.chance(0.2)) outgoing.writeEarlyHints({ link: "</a.css>; rel=preload" });
      outgoing.statusCode = random.pick([200, 200, 201, 204, 304, 404]);
      outgoing.setHeader("Set-Cookie", ["a=1", "b=2; Path=/"]);
      if (random.chance(0.5)) outgoing.setHeader("Content-Length", body.length);
      outgoing.write(body.subarray(0, body.length >> 1));
      outgoing.end(body.subarray(body.length >> 1));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const relay = relayTo((server.address() as AddressInfo).port, script, random);
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let i = 0; i < 60; i++) {
      const method = random.pick(["GET", "HEAD", "POST", "PUT"]);
      const expects = method === "PUT" && random.chance(0.5);
      const outgoing = request({
        port: (relay.address() as AddressInfo).port,
        host: "127.0.0.1",
        agent,
        method,
        path: `/${i}?q=%20x`,
        headers: { "X-Number": String(i), ...(expects ? { Expect: "100-continue" } : {}) },
      });
      const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
      if (expects) {
        outgoing.flushHeaders();
        await once(outgoing, "continue");
      }
      if (method === "POST" || method === "PUT") {
        if (random.chance(0.5)) outgoing.write(random.bytes(random.int(1, 30_000)));
        outgoing.end(random.bytes(random.int(0, 9000)));
      } else outgoing.end();
      const [response] = await answered;
      const first = `${response.statusCode} ${response.statusMessage}`;
      responses.push({ first, headers: pairs(response.rawHeaders), body: await bodyOf(response) });
    }
  } finally {
    agent.destroy();
    relay.close();
    server.close();
  }

  const seen = run(script.events);
  assert.equal(seen.exchanges.length, requests.length);
  seen.exchanges.forEach(({ state, request, response }, i) => {
    assert.equal(state, "complete");
    const asked = { first: `${request!.method} ${request!.target}`, headers: request!.headers };
    assert.deepEqual({ ...asked, body: seen.body(i, "request") }, requests[i]);
    const answer = { first: `${response!.status} ${response!.statusText}`, headers: response!.headers };
    assert.deepEqual({ ...answer, body: seen.body(i, "response") }, responses[i]);
  });
});
