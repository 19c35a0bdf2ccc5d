import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assertCovered } from "./conversation.ts";
import { http1Words } from "../../fuzz/words.ts";
import { Random } from "./random.ts";
import { Capture, drop, run, Script } from "./script.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const chunked = "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";

test("garbage neither throws nor leaves bodies that don't add up", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = new Random(seed);
    const script = new Script(1, { in: random.int(0, 0xffffffff), out: 0xfffffff0 });
    for (let i = 0; i < 60; i++) {
      const direction = random.pick(["in", "out"] as const);
      const parts = Array.from({ length: random.int(1, 4) }, () =>
        random.chance(0.8) ? random.pick(http1Words) : random.bytes(random.int(0, 40)),
      );
      const source = random.pick(["read", "write", "sendfile"] as const);
      const before = script.events.length;
      script.call(direction, Buffer.concat(parts), { source, cuts: [1] });
      // Numbers that can't be.
      const event = script.events[before];
      if (event?.kind === "segment" && random.chance(0.05)) event.seq = random.int(0, 0xffffffff);
      if (event?.kind === "segment" && event.call && random.chance(0.05))
        event.call.length = random.int(0, 0x7fffffff);
      if (random.chance(0.01)) script.end(direction);
    }
    script.close();
    const seen = run(
      drop(script.events, () => random.chance(0.1)),
      { maxBody: 100, bodies: seed % 2 === 0 ? "kept" : "hashed" },
    );
    for (const exchange of seen.exchanges) {
      assert.notEqual(exchange.state, "in-flight");
      if (exchange.request !== undefined) assertCovered(exchange.request.body);
      if (exchange.response !== undefined) assertCovered(exchange.response.body);
    }
    assert.equal(seen.traffic.inFlight, 0);
  }
});

test("what never ends does not grow without bound", async () => {
  const endless: [string, (script: Script, i: number) => void][] = [
    [
      "pieces without a call",
      (script, i) => script.events.push(script.segment("out", i * 65536, new Uint8Array(65536), "sendfile")),
    ],
    [
      "tiny pieces with holes between",
      (script, i) => script.events.push(script.segment("out", i * 2, new Uint8Array(1), "write")),
    ],
    ["a head without an end", (script) => script.read("x".repeat(65536))],
    ["a request line without an end", (script, i) => script.read(i === 0 ? "GET /" : "x".repeat(65536))],
    [
      "a chunk's size without an end",
      (script, i) => script.read(i === 0 ? chunked : "1;" + "x".repeat(65536)),
    ],
    [
      "trailers without an end",
      (script, i) => script.read(i === 0 ? `${chunked}0\r\n` : `a: ${"x".repeat(10_000)}\r\n`),
    ],
    ["calls behind a hole", (script) => ((script.seq.in += 10), script.read(new Uint8Array(65536)))],
    ["requests without a response", (script) => script.read("GET / HTTP/1.1\r\n\r\n".repeat(100))],
    [
      "responses without a request",
      (script) => script.write("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + "x".repeat(60000)),
    ],
    [
      "a body",
      (script, i) =>
        script.read(i === 0 ? "POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n" : "x".repeat(65536)),
    ],
  ];
  for (const [what, more] of endless) {
    const capture = new Capture({ maxExchanges: 1000, memory: 64 });
    const { traffic } = capture;
    const script = new Script();
    const heap = async (): Promise<number> => {
      // Buffers' memory is given back in the background: what the first round found is gone after the second.
      collectGarbage();
      await setImmediate();
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = await heap();
    for (let i = 0; i < 1200; i++) {
      more(script, i);
      for (const event of script.events) capture.push(event);
      capture.endBatch();
      script.events.length = 0;
      if (i % 100 === 0) traffic.takeChanges(300);
    }
    const grown = (await heap()) - before;
    assert.ok(grown < 32 << 20, `${what}: ${grown} bytes`);
    assert.ok(traffic.inFlight <= 10_100, what);
  }
});
