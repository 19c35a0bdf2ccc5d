/** Searches through what was captured, by the helper's thread. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { brotliCompressSync, deflateRawSync, gzipSync, constants } from "node:zlib";
import { Searches } from "../../../helper/search/searches.ts";
import { addUnsearched, type Hit, type SearchParams, type SearchResult } from "../../../protocol/search.ts";
import { chunked, get, ok } from "../http/messages.ts";
import { Capture, Script, type Options } from "../http/script.ts";

const thread = join(import.meta.dirname, "../../../helper/search/worker.ts");
const open: Searches[] = [];
afterEach(async () => {
  for (const searches of open.splice(0)) await searches.end();
});

interface Searched {
  capture: Capture;
  /** Called when an exchange has been handed to the thread. */
  onHanded(listener: () => void): void;
  page(params: SearchParams, signal?: AbortSignal): Promise<SearchResult>;
  /** All pages as one: on a busy machine even a short search may take several. */
  find(params: SearchParams | string, signal?: AbortSignal): Promise<SearchResult>;
}

/** Where scripts have run. */
function searched(scripts: Script[], options: Options = {}): Searched {
  const capture = new Capture({ ...options, shared: true });
  for (const event of scripts.flatMap(({ events }) => events)) {
    capture.push(event);
    capture.endBatch();
  }
  const { traffic, memory } = capture;
  let handed = () => {};
  const keeper = {
    get ids() {
      return traffic.ids;
    },
    readable: (id: number) => {
      queueMicrotask(handed);
      return traffic.readable(id);
    },
  };
  const searches = new Searches(thread, memory.slabs, keeper);
  open.push(searches);
  const page = (params: SearchParams, signal = new AbortController().signal) =>
    searches.search(params, signal);
  return {
    capture,
    onHanded: (listener) => void (handed = listener),
    page,
    async find(params, signal) {
      const asked = typeof params === "string" ? { query: params } : params;
      let all = await page(asked, signal);
      while (all.before !== undefined) {
        const { before, ...soFar } = all;
        const next = await page({ ...asked, before }, signal);
        all = {
          ...next,
          hits: [...soFar.hits, ...next.hits],
          searched: soFar.searched + next.searched,
          unsearched: addUnsearched(soFar.unsearched, next.unsearched),
        };
      }
      return all;
    },
  };
}

function reply(headers: string, body: string | Uint8Array): Buffer {
  const head = `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

/** e.g. `2 response body 17: …`. */
function text({ id, side, part, message, offset, excerpt }: Hit): string {
  const which = message === undefined ? "" : ` ${message}`;
  return `${id} ${side} ${part}${which} ${offset}: ${excerpt.before}[${excerpt.match}]${excerpt.after}`;
}

test("in lines, headers, interim heads, trailers and bodies, the newest exchange first", async () => {
  const script = new Script()
    .read("POST /wren?q=1 HTTP/1.1\r\nHost: a\r\nX-Bird: a Wren\r\nContent-Length: 9\r\n\r\nthe wren.")
    .write("HTTP/1.1 103 Early Hints\r\nLink: </wren.css>\r\n\r\n")
    .write(`${chunked}5\r\nno wr\r\n2\r\nen\r\n0\r\nX-End: wren\r\n\r\n`)
    .read(get("/2", "X-Bird: wren\r\n"))
    .write("HTTP/1.1 404 No wren\r\nContent-Length: 0\r\n\r\n");
  const { hits, searched: count, before, unsearched } = await searched([script]).find("WREN");
  assert.deepEqual(hits.map(text), [
    "2 request header 8: X-Bird: [wren]",
    "2 response line 16: HTTP/1.1 404 No [wren]",
    "1 request line 6: POST /[wren]?q=1 HTTP/1.1",
    "1 request header 10: X-Bird: a [Wren]",
    "1 response interim 8: Link: </[wren].css>",
    "1 response trailer 7: X-End: [wren]",
    "1 request body 4: the [wren].",
    "1 response body 3: no [wren]",
  ]);
  assert.deepEqual([count, before, unsearched], [2, undefined, { long: 0, undecoded: 0, incomplete: 0 }]);
});

test("heads alone, bodies alone, and some exchanges alone", async () => {
  const script = new Script();
  for (let i = 0; i < 6; i++) script.read(get("/wren")).write(ok("a wren"));
  const { find } = searched([script]);
  const places = async (params: Omit<SearchParams, "query">) =>
    (await find({ query: "wren", ...params })).hits.map(({ id, part }) => `${id} ${part}`);
  assert.deepEqual(await places({ within: "bodies", since: 4 }), ["6 body", "5 body"]);
  assert.deepEqual(await places({ within: "heads", before: 3 }), ["2 line", "1 line"]);
  assert.deepEqual(await places({ ids: [5, 2, 99], before: 5 }), ["2 line", "2 body"]);
});

test("bodies are searched when their codings are off, in their charset; and binary ones for UTF-8", async () => {
  const words = "viele Vögel, und ein Zaunkönig";
  const utf16 = Buffer.from(`\ufeff${words}`, "utf16le");
  const script = new Script()
    .read(get("/1"))
    .write(reply("Content-Encoding: gzip\r\n", gzipSync(words)))
    .read(get("/2"))
    .write(reply("Content-Encoding: gzip, br\r\n", brotliCompressSync(gzipSync(words))))
    .read(get("/3"))
    .write(reply("Content-Type: text/plain; charset=iso-8859-1\r\n", Buffer.from(words, "latin1")))
    .read(get("/4"))
    .write(reply("", utf16))
    .read(get("/5"))
    .write(reply("", Buffer.concat([Buffer.from([0, 0xff, 0x80]), Buffer.from(words)])));
  const { hits, unsearched } = await searched([script]).find("ZAUNKÖNIG");
  assert.deepEqual(
    hits.map(({ id, offset }) => [id, offset]),
    [5, 4, 3, 2, 1].map((id) => [id, words.indexOf("Zaun") + (id === 5 ? 3 : 0)]),
  );
  assert.deepEqual(unsearched, { long: 0, undecoded: 0, incomplete: 0 });
});

test("a WebSocket's messages are searched, compressed ones too", async () => {
  const deflated = deflateRawSync("the wren of the server", { finishFlush: constants.Z_SYNC_FLUSH });
  const payload = deflated.subarray(0, -4);
  const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  const switching =
    "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  const script = new Script()
    .read(upgrade)
    .write(switching)
    .read("\x81\x84\0\0\0\0wren")
    .write(Buffer.concat([Buffer.from([0xc1, payload.length]), payload]));
  const { hits } = await searched([script]).find("wren");
  assert.deepEqual(hits.map(text), [
    "1 request message 0 0: [wren]",
    "1 response message 1 4: the [wren] of the server",
  ]);
});

test("a gRPC call's messages are searched, compressed ones too, and what answered it that is none", async () => {
  const message = Buffer.concat([Buffer.of(0x0a, 4), Buffer.from("wren")]);
  const framed = (flags: number, bytes: Buffer) =>
    Buffer.concat([Buffer.of(flags, 0, 0, 0, bytes.length), bytes]);
  const body = framed(0, message);
  const head = `POST /Birds/Find HTTP/1.1\r\nContent-Type: application/grpc\r\nContent-Length: ${body.length}\r\n\r\n`;
  const grpc = "Content-Type: application/grpc\r\nGrpc-Encoding: gzip\r\n";
  const ask = Buffer.concat([Buffer.from(head), body]);
  const script = new Script()
    .read(ask)
    .write(reply(grpc, framed(1, gzipSync(message))))
    .read(ask)
    .write(reply("Content-Type: text/plain\r\n", "no wren here"));
  const { hits } = await searched([script]).find("wren");
  assert.deepEqual(
    hits.map(({ id, side, part }) => `${id} ${side} ${part}`),
    ["2 request message", "2 response body", "1 request message", "1 response message"],
  );
});

test("a match doesn't reach across missing bytes, and what is behind them is found where it is", async () => {
  const script = new Script()
    .read(get("/"))
    .write(ok("a wr??en, a wren"), { holes: [[ok("a wr").length + 1, ok("a wr??").length + 1]] });
  const { hits, unsearched } = await searched([script]).find({ query: "/wr\\w*/", within: "bodies" });
  assert.deepEqual(
    hits.map(({ start = 0, offset, excerpt }) => [start, offset, excerpt.match]),
    [
      [0, 2, "wr"],
      [6, 6, "wren"],
    ],
  );
  assert.equal(unsearched.incomplete, 1);
});

test("what isn't searched is told: what is too long, and what can't be decoded", async () => {
  const long = Buffer.alloc(17 * 1024 * 1024, "x");
  long.write("wren", long.length - 4);
  const script = new Script()
    .read(get("/1"))
    .write(reply("", long), { cuts: Array.from({ length: 17 }, (_, i) => (i + 1) * 1024 * 1024) })
    .read(get("/2"))
    .write(reply("Content-Encoding: gzip\r\n", gzipSync(long)))
    .read(get("/3"))
    .write(reply("Content-Encoding: gzip\r\n", "a wren that is no gzip"))
    .read(get("/4"))
    .write(reply("Content-Encoding: rot13\r\n", "jera"));
  const options = { memory: 40, maxBody: 1 << 26 };
  const { hits, unsearched } = await searched([script], options).find("wren");
  const { long: tooLong, undecoded, incomplete } = unsearched;
  // Where decoding takes its time, that ends it before its bytes do.
  assert.deepEqual([hits, tooLong + undecoded, incomplete], [[], 4, 0]);
  assert.ok(tooLong >= 1 && undecoded >= 2);
});

test("a page ends with its limit, and the next goes on where it ended, until all are searched once", async () => {
  const script = new Script();
  for (let i = 0; i < 100; i++) script.read(get(`/${i}`)).write(ok(i % 3 === 0 ? "a wren" : "none"));
  const { page: ask } = searched([script]);
  const ids: number[] = [];
  let count = 0;
  let before: number | undefined;
  let pages = 0;
  do {
    const page = await ask({ query: "wren", limit: 5, ...(before !== undefined && { before }) });
    assert.ok(page.hits.length <= 5);
    ids.push(...page.hits.map(({ id }) => id));
    count += page.searched;
    before = page.before;
    pages++;
  } while (before !== undefined);
  const expected = Array.from({ length: 34 }, (_, i) => 100 - 3 * i);
  assert.deepEqual([ids, count], [expected, 100]);
  assert.ok(pages >= 7);
});

test("an exchange in which all matches doesn't take the page for itself", async () => {
  const many = Array.from({ length: 50 }, (_, i) => `X-${i}: wren\r\n`).join("");
  const script = new Script().read(get("/1")).write(ok("a wren")).read(get("/2", many)).write(ok(""));
  const { hits } = await searched([script]).find("wren");
  assert.deepEqual([hits.filter(({ id }) => id === 2).length, hits.at(-1)?.id], [20, 1]);
});

test("an expression that backtracks for ever costs its search, and no other", async () => {
  const script = new Script()
    .read(get("/1"))
    .write(ok("a".repeat(50)))
    .read(get("/2"))
    .write(ok("the b"));
  const { find } = searched([script]);
  const [slow, other] = await Promise.all([find("/(a+)+b|the/"), find("the b")]);
  assert.deepEqual([slow.tooSlow, slow.before, slow.hits.map(({ id }) => id)], [1, undefined, [2]]);
  assert.deepEqual(
    other.hits.map(({ id }) => id),
    [2],
  );
});

test("a search is cancelled, a wrong one is refused, and the next one answers", async () => {
  const { find } = searched([new Script().read(get("/wren")).write(ok(""))]);
  const cancellation = new AbortController();
  const cancelled = find("wren", cancellation.signal);
  cancellation.abort(new Error("enough"));
  await assert.rejects(cancelled, /enough/);
  await assert.rejects(find("/(/"), { name: "RangeError", message: /Unterminated/ });
  assert.equal((await find("wren")).hits.length, 1);
});

test("bytes that are being searched are not overwritten, though they are given up; and then their slabs are free", async () => {
  const script = new Script();
  for (let i = 0; i < 40; i++) script.read(get(`/${i}`)).write(ok("x".repeat(300_000) + "wren"));
  const { capture, onHanded, find } = searched([script], { memory: 40 });
  const { slabs } = capture.memory;
  const before = slabs.held;
  let after = 0;
  onHanded(() => {
    capture.traffic.clear();
    after ||= slabs.held;
  });
  const { hits, searched: count } = await find({ query: "wren", within: "bodies" });
  assert.ok(after > 0 && after < before, `${after} of ${before} slabs were held`);
  assert.ok(count > 0 && count < 40, `${count} were searched`);
  assert.deepEqual([hits.length, slabs.held], [count, 0]);
});

test("whatever becomes of the thread, its searches end in words, and nothing stays held", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-thread-"));
  const capture = new Capture({ shared: true });
  for (const event of new Script().read(get("/")).write(ok("x".repeat(10_000))).events) capture.push(event);
  capture.endBatch();
  const { memory, traffic } = capture;
  const { signal } = new AbortController();
  try {
    for (const [program, words, patience] of [
      [`throw new Error("broken");`, /broken/, 60_000],
      [`process.exit();`, /The thread that searches has ended/, 60_000],
      [
        `require("node:worker_threads").parentPort.once("message", ({ number }) => {
        require("node:worker_threads").parentPort.postMessage({ tell: "more", number });
        for (;;);
      });`,
        /It took longer than 0.2 s/,
        200,
      ],
    ] as const) {
      const script = join(folder, "thread.cjs");
      writeFileSync(script, program);
      const searches = new Searches(script, memory.slabs, traffic, patience);
      await assert.rejects(searches.search({ query: "x" }, signal), words);
      await searches.end();
    }
    // The last was reading: what it held is let go when it has ended.
    traffic.clear();
    for (let waited = 0; memory.slabs.held > 0 && waited < 10_000; waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(memory.slabs.held, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
