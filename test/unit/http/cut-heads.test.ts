/** Heads of which not all is kept, or not all came: each is an exchange that says so, and what follows is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { maxHead, type Exchange } from "../../../protocol/exchange.ts";
import { get, ok } from "./messages.ts";
import { Random } from "./random.ts";
import { run, Script } from "./script.ts";

const long = "x".repeat(maxHead);
const many = Array.from({ length: 6000 }, (_, i) => `X-${i}: ${"v".repeat(40)}\r\n`).join("");

/** Heads beyond the limit, before their last line, and the bodies that they announce. */
const heads: Record<string, [head: string, body: string]> = {
  "a long value": [`POST /1 HTTP/1.1\r\nHost: a\r\nX-Long: ${long}\r\nContent-Length: 2\r\n`, "ok"],
  "a long value, which is the last": [`POST /1 HTTP/1.1\r\nContent-Length: 2\r\nX-Long: ${long}\r\n`, "ok"],
  "many fields": [
    `POST /1 HTTP/1.1\r\n${many}Transfer-Encoding: gzip,\r\n chunked\r\n`,
    "2\r\nok\r\n0\r\n\r\n",
  ],
  "a long target": [`POST /1${long} HTTP/1.1\r\nContent-Length: 2\r\n`, "ok"],
  "bare line feeds": [`POST /1 HTTP/1.1\nX-Long: ${long}\nContent-Length: 2\n`, "ok"],
  "a length that the limit cuts": [
    `POST /1 HTTP/1.1\r\nX: ${"x".repeat(maxHead - 41)}\r\nContent-Length: 2\r\nY: y\r\n`,
    "ok",
  ],
};

/** In calls that end at these places. */
function cutAt(text: string, places: number[], call: (part: string) => void): void {
  let from = 0;
  for (const place of [...places.toSorted((a, b) => a - b), text.length]) {
    if (place <= from) continue;
    call(text.slice(from, place));
    from = place;
  }
}

/** What is told of it, its headers by their number. */
function told({ state, request, response }: Exchange): string {
  const asked = `${request?.method} ${request?.target.slice(0, 2)} ${request?.headCut ?? "whole"}`;
  return `${state} ${asked} ${response?.status ?? "-"} ${response?.headCut ?? "whole"}`;
}

for (const [name, [head, body]] of Object.entries(heads))
  test(`a request's head beyond the limit, wherever it is cut: ${name}`, () => {
    const end = head.endsWith("\r\n") ? "\r\n" : "\n";
    const wire = head + end + body + get("/2");
    const random = new Random(7);
    const around = (place: number) => Array.from({ length: 24 }, (_, i) => [place - 12 + i]);
    const cuts = [
      ...[[], ...around(maxHead), ...around(head.length)],
      ...Array.from({ length: 10 }, () => Array.from({ length: 12 }, () => random.int(1, wire.length))),
      Array.from({ length: Math.floor(wire.length / 4096) }, (_, i) => (i + 1) * 4096),
    ];
    let first: string | undefined;
    for (const places of cuts) {
      const script = new Script(1, undefined, "server");
      cutAt(wire, places, (part) => script.read(part));
      const seen = run(script.write(ok("1") + ok("2")).close().events);
      const { exchanges } = seen;
      assert.deepEqual(
        exchanges.map(told),
        ["complete POST /1 limit 200 whole", "complete GET /2 whole 200 whole"],
        places.join(),
      );
      assert.equal(seen.body(0, "request"), "ok", places.join());
      // What is kept doesn't depend on the cuts, and is the head's beginning.
      const { version, target, headers } = exchanges[0]!.request!;
      const kept = `POST ${target} ${version}\r\n${headers.map((field) => `${field[0]}: ${field[1]}\r\n`).join("")}`;
      first ??= kept;
      assert.ok(kept === first, places.join());
      const short = kept.slice(0, target.length > maxHead / 2 ? target.length : -2);
      assert.ok(short.length > maxHead - 60 && short.length <= maxHead + 60, String(short.length));
      assert.equal(seen.traffic.summary(exchanges[0]!.id)?.headCut, "limit");
    }
  });

test("every byte by itself: what is beyond the limit takes no room and no time that grows", () => {
  const head = `GET /1 HTTP/1.1\r\nX: ${long}`;
  const script = new Script(1, undefined, "server").read(head);
  for (const byte of "more\r\nContent-Length: 2\r\n\r\nok") script.read(byte);
  const seen = run(script.write(ok("1")).events);
  assert.deepEqual(seen.exchanges.map(told), ["complete GET /1 limit 200 whole"]);
  assert.equal(seen.body(0, "request"), "ok");
});

test("a response's head beyond the limit", () => {
  const answer = `HTTP/1.1 200 Fine\r\nX-Long: ${long}\r\nContent-Length: 2\r\n\r\nok`;
  for (const size of [answer.length, 100_000, 16_384, 4095]) {
    const script = new Script(1, undefined, "server").read(get("/1"));
    for (let at = 0; at < answer.length; at += size) script.write(answer.slice(at, at + size));
    const seen = run(script.read(get("/2")).write(ok("2")).close().events);
    assert.deepEqual(
      seen.exchanges.map(told),
      ["complete GET /1 whole 200 limit", "complete GET /2 whole 200 whole"],
      String(size),
    );
    assert.equal(seen.body(0, "response"), "ok");
  }
});

test("a gap beyond the limit: what the head began with is told, as lost, and the next request is found", () => {
  const script = new Script(1, undefined, "server").read(`GET /1 HTTP/1.1\r\nX: ${long}`);
  script.read("y".repeat(1000), { holes: [[10, 900]], reason: "shed" }).read("z\r\n\r\n");
  script.write(ok("1")).read(get("/2")).write(ok("2"));
  assert.deepEqual(run(script.close().events).exchanges.map(told), [
    "lost GET /1 limit 200 whole",
    "complete GET /2 whole 200 whole",
  ]);
});

test("an answer to a head that never ends is its own: of a long one, and of a short one", () => {
  const refusal = "HTTP/1.1 431 Too Long\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  for (const [head, cut] of [
    [`GET /1 HTTP/1.1\r\nX: ${long}`, "limit"],
    [`GET /1${long}`, "limit"],
    ["GET /1 HTTP/1.1\r\nHost: a\r\nX: y", "unfinished"],
  ]) {
    const script = new Script(1, undefined, "server").read(head!).write(refusal).close();
    const { exchanges } = run(script.events);
    assert.deepEqual(exchanges.map(told), [`closed GET /1 ${cut} 431 whole`]);
  }
});

test("a head whose end never came is told from the end of its first line on, whatever ended it", () => {
  const head = "GET /1 HTTP/1.1\r\nHost: a\r\nX: y";
  const firstLine = head.indexOf("\n") + 1;
  for (let cut = 1; cut <= head.length; cut++)
    for (const [state, end] of [
      ["closed", (script: Script) => script.close()],
      ["reset", (script: Script) => script.abort(true)],
    ] as const) {
      const script = new Script(1, undefined, "server").read(get("/0")).write(ok("0"));
      for (const byte of head.slice(0, cut)) script.read(byte);
      const { exchanges } = run(end(script).events);
      const expected = cut < firstLine ? [] : [`${state} GET /1 unfinished - whole`];
      assert.deepEqual(exchanges.slice(1).map(told), expected, `${cut}`);
    }
  const answer = "HTTP/1.1 200 OK\r\nX: y\r\n";
  const script = new Script(1, undefined, "client").write(get("/1")).read(answer).close();
  assert.deepEqual(run(script.events).exchanges.map(told), ["closed GET /1 whole 200 unfinished"]);
});

test("a line without an end that merely begins like a request's is none", () => {
  const odd = `GET /${long} is no request\r\n\r\n`;
  assert.deepEqual(run(new Script(1, undefined, "server").read(odd).close().events).exchanges, []);
});
