/** WebSockets as the `ws` package speaks them, over a wire that is looked at. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { before, test } from "node:test";
import fc from "fast-check";
import { WebSocket, WebSocketServer } from "ws";
import { readSocket } from "../../../content/node/websocket.ts";
import { findFrame, readFramed } from "../../../content/websocket.ts";
import { Random } from "../http/random.ts";
import type { SocketMessage, SocketMessages } from "../../../protocol/content.ts";
import type { Arrival, Exchange, Header, Missing, Side } from "../../../protocol/exchange.ts";

interface Wire {
  extensions: string;
  request: Buffer;
  response: Buffer;
}

/** What lies between a client and a server of one conversation, behind both heads. */
async function converse(perMessageDeflate: boolean): Promise<Wire> {
  // The same in each run: behind a gap some would look like a frame.
  const random = new Random(1);
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: perMessageDeflate && { threshold: 0 },
  });
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer, isBinary) =>
      socket.send(isBinary ? data : `echo ${data.toString()}`),
    );
  });
  await once(server, "listening");
  const sent: Record<Side, Buffer[]> = { request: [], response: [] };
  const proxy = createServer((near) => {
    const far = connect((server.address() as AddressInfo).port, "127.0.0.1");
    near.on("data", (data) => (sent.request.push(data), far.write(data)));
    far.on("data", (data) => (sent.response.push(data), near.write(data)));
    near.on("end", () => far.end());
    far.on("end", () => near.end());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/`, {
    perMessageDeflate,
    generateMask: (mask) => mask.set(random.bytes(mask.length)),
  });
  await once(client, "open");
  const echoed = async (send: () => void) => {
    const answer = once(client, "message");
    send();
    await answer;
  };
  await echoed(() => client.send("hello"));
  await echoed(() => client.send(JSON.stringify({ hello: "hello ".repeat(50) })));
  await echoed(() => client.send(Buffer.from([0, 1, 2, 255])));
  await echoed(() => {
    client.send("in ", { fin: false });
    client.ping("are you there");
    client.send("two ", { fin: false });
    client.send("parts", { fin: true });
  });
  await echoed(() => client.send("x".repeat(70_000)));
  const closed = once(client, "close");
  client.close(4001, "enough");
  await closed;
  proxy.close();
  server.close();
  const wire = { request: Buffer.concat(sent.request), response: Buffer.concat(sent.response) };
  const behind = (bytes: Buffer) => bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
  return { extensions: client.extensions, request: behind(wire.request), response: behind(wire.response) };
}

/** Messages of the wire, of which the first `gap` bytes of each side are missing. */
async function messagesOf(
  { extensions, ...bytes }: Wire,
  gap: Partial<Record<Side, number>> = {},
  arrivals?: Arrival[],
): Promise<SocketMessages> {
  const headers: Header[] = [
    ["Upgrade", "websocket"],
    ...(extensions === ""
      ? []
      : [["Sec-WebSocket-Extensions", `permessage-deflate; x, ${extensions}`] as Header]),
  ];
  const body = (side: Side) => {
    const missing: Missing[] = [{ start: 0, end: gap[side] ?? 0, reason: "evicted" as const }].filter(
      ({ end }) => end > 0,
    );
    return {
      size: bytes[side].length,
      end: "complete" as const,
      ranges: [],
      missing,
      ...(arrivals && { arrivals }),
    };
  };
  const exchange: Exchange = {
    ...{ id: 1, pid: 1, process: "p", role: "server", local: "", remote: "", state: "complete", start: 0 },
    request: { method: "GET", target: "/", version: "HTTP/1.1", headers, body: body("request") },
    response: { status: 101, statusText: "", version: "HTTP/1.1", headers, body: body("response") },
  };
  return readSocket(exchange, async (side, start, end) => ({
    base64: bytes[side].subarray(start, Math.min(end, start + 1000)).toString("base64"),
    ...{ end: Math.min(end, start + 1000), ranges: [], missing: [] },
  }));
}

const outline = ({ kind, text, bytes, code, fault }: SocketMessage) =>
  `${kind}${code === undefined ? "" : ` ${code}`} ${fault ?? text?.slice(0, 40) ?? Buffer.from(bytes ?? []).toString("latin1")}`;

const said = [
  "text hello",
  `text {"hello":"hello hello hello hello hello `,
  "binary \0\u0001\u0002\xff",
  "text in two parts",
  "ping are you there",
  `text ${"x".repeat(40)}`,
  "close 4001 enough",
];

const client = { isMasked: true, mayBeCompressed: true };

const wires = new Map<string, Wire>();
before(async () => {
  wires.set("plain", await converse(false));
  wires.set("deflated", await converse(true));
});

for (const name of ["plain", "deflated"])
  test(`both sides' messages, ${name}: texts, bytes, parts with a ping between, a close`, async () => {
    const wire = wires.get(name)!;
    assert.equal(wire.extensions === "", name === "plain");
    const { messages, notes } = await messagesOf(wire);
    assert.deepEqual(notes, []);
    const of = (from: string) => messages.filter((message) => message.from === from).map(outline);
    assert.deepEqual(of("client"), said);
    assert.deepEqual(
      of("server").filter((each) => !each.startsWith("pong")),
      said
        .filter((each) => !each.startsWith("ping"))
        .map((each) =>
          each.replace(/^text (.*)$/s, (_, text: string) => `text ${`echo ${text}`.slice(0, 40)}`),
        ),
    );
    assert.ok(of("server").includes("pong are you there"));
  });

test("both directions stand in the order in which their bytes came", async () => {
  const wire = wires.get("plain")!;
  const { messages } = await messagesOf(
    { ...wire, request: wire.request.subarray(0, 11), response: wire.response.subarray(0, 12) },
    {},
    [
      [0, 5],
      [11, 7],
    ],
  );
  assert.deepEqual(
    messages.map(({ from, time }) => `${from} ${time}`),
    ["client 5", "server 7"],
  );
});

test("cut at every byte: the whole messages so far, and the last as not whole", async () => {
  const { request } = wires.get("plain")!;
  const head = request.subarray(0, 600);
  let before = 0;
  for (let cut = 0; cut <= head.length; cut++) {
    const { messages, brokenAt } = readFramed(head.subarray(0, cut), client);
    assert.equal(brokenAt, undefined);
    const whole = messages.filter(({ isWhole }) => isWhole).length;
    assert.ok(whole >= before && whole >= messages.length - 2, `${whole} of ${messages.length} at ${cut}`);
    before = whole;
  }
  assert.ok(before >= 5);
});

test("behind a gap the next messages are found, and compressed ones say what they lack", async () => {
  for (const [name, wire] of wires)
    for (let gap = 1; gap < 60; gap++) {
      const { messages, notes } = await messagesOf(wire, { request: gap });
      const client = messages.filter(({ from }) => from === "client");
      assert.equal(outline(client.at(-1)!), "close 4001 enough");
      assert.equal(notes.length, 1);
      const texts = client.filter(({ kind }) => kind === "text");
      for (const text of texts)
        if (name === "deflated") assert.match(text.fault ?? "", /refers to earlier messages/);
        else assert.ok(said.includes(outline(text)), outline(text));
    }
});

test("what is no WebSocket is none: no throw, and hardly ever a frame behind a gap", () => {
  let found = 0;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const { messages } = readFramed(bytes, client);
      assert.ok(messages.every(({ start, end }) => start < end && end <= bytes.length));
      if (findFrame(bytes, client) >= 0) found++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(found < 20, String(found));
});
