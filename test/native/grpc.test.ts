/** A real conversation over gRPC, captured, saved, opened again, and read. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readCall } from "../../content/node/grpc.ts";
import { MemoryBytes } from "../../recording/bytes.ts";
import { Reader } from "../../recording/reader.ts";
import { root } from "../../scripts/paths.mjs";
import { tinytap } from "./tinytap.ts";

/** Both ends in one process; the messages are Protocol Buffers that say `1: "…"`. */
const program = `
const grpc = require(${JSON.stringify(join(root, "node_modules/@grpc/grpc-js"))});
const same = (bytes) => bytes;
const method = (path, responseStream) => ({ path, requestStream: false, responseStream, requestSerialize: same,
  requestDeserialize: same, responseSerialize: same, responseDeserialize: same });
const shop = { buy: method("/shop.Shop/Buy", false), watch: method("/shop.Shop/Watch", true), fail: method("/shop.Shop/Fail", false) };
const say = (text) => Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);
const server = new grpc.Server();
server.addService(shop, {
  buy: (call, done) => done(null, say("bought")),
  watch: async (call) => {
    for (let i = 1; i <= 3; i++) {
      call.write(say("price " + i));
      await new Promise((wake) => setTimeout(wake, 60));
    }
    call.end();
  },
  fail: (call, done) => done({ code: grpc.status.NOT_FOUND, details: "no such thing" }),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  const Client = grpc.makeGenericClientConstructor(shop, "Shop");
  const client = new Client("127.0.0.1:" + port, grpc.credentials.createInsecure());
  client.buy(say("tea"), () => {
    const prices = client.watch(say("tea"));
    prices.on("data", () => {});
    prices.on("end", () => client.fail(say("x"), () => { client.close(); server.tryShutdown(() => {}); }));
  });
});`;

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), "tinytap-grpc-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

test("gRPC: one message, several with their times, and a failure, seen from both ends", async () => {
  const file = join(folder, "shop.har");
  const { code, words } = tinytap(
    ...["capture", "--format", "har", "--output", file],
    ...["--", process.execPath, "-e", program],
  );
  assert.equal(code, 0, words);
  const reader = await Reader.open(new MemoryBytes(readFileSync(file)));
  const seen: string[] = [];
  for (const { id } of reader.exchanges) {
    const exchange = (await reader.exchange(id)) ?? assert.fail();
    const { role, state, request, response } = exchange;
    assert.ok(request && response);
    assert.deepEqual([state, request.version, response.status], ["complete", "HTTP/2", 200]);
    const { messages } = await readCall(exchange, (side, start, end) =>
      reader.body({ id, side, start, end }),
    );
    const said = messages.map(({ from, name, text }) => [from[0], name, text].filter(Boolean).join(" "));
    seen.push(`${role} ${request.target} ${said.join(", ")}`);
    if (!request.target.endsWith("Watch")) continue;
    const times = messages.flatMap(({ from, time }) =>
      from === "server" && time !== undefined ? [time] : [],
    );
    assert.ok(times.length === 4 && times[2]! - times[0]! > 80, times.join());
  }
  const both = (words: string) => [`client ${words}`, `server ${words}`];
  assert.deepEqual(
    seen.toSorted(),
    [
      ...both('/shop.Shop/Buy c 1: "tea", s 1: "bought", s OK'),
      ...both('/shop.Shop/Fail c 1: "x", s NOT_FOUND no such thing'),
      ...both('/shop.Shop/Watch c 1: "tea", s 1: "price 1", s 1: "price 2", s 1: "price 3", s OK'),
    ].toSorted(),
  );
});
