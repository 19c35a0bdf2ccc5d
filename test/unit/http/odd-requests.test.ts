/** Requests as odd as may be: what Node's own parser takes of them is read as Node reads it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { Random } from "./random.ts";
import { bytesOf, run, Script } from "./script.ts";

interface Message {
  first: string;
  headers: string[];
  body: string;
}

/** A request that is odd, and mostly none that is forbidden. */
function oddRequest(random: Random): string {
  const end = () => (random.chance(0.002) ? "\n" : "\r\n");
  const blank = () => random.pick(["", " ", " ", " ", "  ", "\t", " \t "]);
  const line = (name: string, value: string) => `${name}:${blank()}${value}${blank()}${end()}`;
  const method = random.pick(["GET", "POST", "PUT", "HEAD", "OPTIONS", "M-SEARCH", "PROPFIND", "DELETE"]);
  const target = random.pick([
    "/",
    "*",
    "/a?b=c#d",
    "http://h/x?y",
    "/%zz",
    "/\xe9",
    "//",
    `/${"l".repeat(random.int(0, 300))}`,
  ]);
  const odd = [
    line("Host", "h"),
    line("X-Empty", ""),
    line("x-a", "b, c"),
    line("X-Latin", "\xe4\xff"),
    line("X-Quoted", '"a: b\\"; c"'),
    line("Cookie", "a=1; b=2"),
    line("!#$%&'*+-.^_`|~9", "t"),
    line("Expect", "100-continue"),
    line("Connection", random.pick(["keep-alive", "Keep-Alive, x", "foo"])),
  ];
  const headers = random.shuffled(odd).slice(0, random.int(0, odd.length));
  const body = Buffer.from(random.bytes(random.int(0, 40))).toString("latin1");
  const framing = random.pick(["none", "length", "length", "chunks", "chunks"]);
  if (framing === "length")
    headers.push(
      line(random.pick(["Content-Length", "content-length"]), random.pick(["", "0", "00"]) + body.length),
    );
  if (framing === "chunks")
    headers.push(line("Transfer-Encoding", random.pick(["chunked", "Chunked", "gzip, chunked"])));
  const head = `${random.pick(["", "", "\r\n", "\r\n\r\n"])}${method} ${target} HTTP/1.${random.pick([1, 1, 1, 0])}${end()}${headers.join("")}${end()}`;
  return head + (framing === "length" ? body : framing === "chunks" ? chunked(random, body) : "");
}

function chunked(random: Random, body: string): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const data = body.slice(at, (at += random.int(1, 20)));
    const size = random.pick(["", "0", "000"]) + data.length.toString(16);
    text += `${random.chance(0.5) ? size.toUpperCase() : size}${random.pick(["", ";a", ";a=b", ';a="b"'])}\r\n${data}\r\n`;
  }
  return `${text}${random.pick(["0", "000", "0;x"])}\r\n${random.pick(["", "X-T: t\r\n", "A: b\r\nC:\r\n"])}\r\n`;
}

/** What Node makes of a client's bytes, up to where it takes no more. */
async function readByNode(input: Uint8Array): Promise<Message[]> {
  const found: Message[] = [];
  const server = createServer({ requireHostHeader: false }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("error", () => {});
    incoming.on("end", () => {
      const first = `${incoming.method} ${incoming.url} HTTP/${incoming.httpVersion}`;
      found.push({ first, headers: incoming.rawHeaders, body: Buffer.concat(chunks).toString("latin1") });
      outgoing.shouldKeepAlive = true;
      outgoing.end();
    });
  });
  server.on("checkContinue", (...both) => server.emit("request", ...both));
  server.on("clientError", (_, socket) => socket.destroy());
  const socket = new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done) => done(),
    allowHalfOpen: false,
  });
  socket.on("error", () => {});
  const closed = once(socket, "close");
  server.emit("connection", socket);
  socket.push(input);
  socket.push(null);
  await closed;
  return found;
}

test(
  "odd requests are what Node's own parser makes of the same bytes, as far as it takes them",
  { timeout: 60_000 },
  async (t) => {
    let compared = 0;
    for (let seed = 1; seed <= 250; seed++) {
      const random = new Random(seed);
      const text = Array.from({ length: random.int(1, 4) }, () => oddRequest(random)).join("");
      const theirs = await readByNode(bytesOf(text));
      const script = new Script(1, undefined, "server");
      for (let at = 0; at < text.length;) script.read(text.slice(at, (at += random.int(1, 200))));
      const seen = run(script.close().events, { memory: 4 });
      const ours = seen.exchanges.slice(0, theirs.length).map(({ request }, i): Message => ({
        first: `${request?.method} ${request?.target} ${request?.version}`,
        headers: request?.headers.flatMap(([name, value]) => [name, value]) ?? [],
        body: seen.body(i, "request"),
      }));
      assert.deepEqual(ours, theirs, `seed ${seed}: ${JSON.stringify(text)}`);
      compared += theirs.length;
    }
    t.diagnostic(`${compared} requests`);
    assert.ok(compared > 150, `${compared}`);
  },
);
