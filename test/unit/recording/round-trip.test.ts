import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Exchange, Header, Missing, MissingReason, Request, State } from "../../../protocol/exchange.ts";
import { missingText } from "../../../protocol/reasons.ts";
import { readBodies } from "../../../recording/bodies.ts";
import { redacted, redaction } from "../../../recording/redaction.ts";
import { bodyOf, partOf, read, write, type Recorded } from "./recorded.ts";
import { exchange as sample } from "./exchange.ts";

/** What a head can hold: any byte, read as Latin-1. */
const text = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});
const headers = fc.array(
  fc
    .tuple(text, text, fc.boolean())
    .map(([name, value, isUnknown]): Header => (isUnknown ? [name, value, "unknown"] : [name, value])),
  { maxLength: 4 },
);
const states = fc.constantFrom<State>("complete", "closed", "reset", "lost", "stopped");
const milliseconds = fc
  .double({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true })
  .map((value) => value + 0);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 100 }).map((each) => Uint8Array.from(Buffer.from(each))),
  // Longer than what is kept of a string.
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.integer({ min: 300, max: 2000 }))
    .map(([part, times]) => Uint8Array.from(Buffer.concat(Array.from({ length: times }, () => part)))),
);
const reasons = fc.constantFrom(...(Object.keys(missingText) as MissingReason[]));
const body = fc
  .tuple(
    bytes,
    fc.array(fc.tuple(fc.nat(), fc.nat(), reasons), { maxLength: 2 }),
    states,
    fc.array(fc.tuple(fc.nat(), milliseconds), { maxLength: 3 }),
  )
  .map(([content, cuts, end, arrivals]) => {
    const missing: Missing[] = [];
    let from = 0;
    for (const [skip, length, reason] of cuts) {
      const start = from + (skip % (content.length + 1));
      const gapEnd = Math.min(start + 1 + (length % 40), content.length);
      if (start >= gapEnd) break;
      missing.push({ start, end: gapEnd, reason });
      from = gapEnd + 1;
    }
    const part = partOf(content, missing);
    part.body.end = end;
    if (content.length > 0 && arrivals.length > 0) part.body.arrivals = arrivals;
    return part;
  });

const stalled = fc
  .tuple(milliseconds, fc.option(milliseconds))
  .map(([response, request]) => ({ response, ...(request !== null && { request }) }));

/** Those behind a body; none are as if there were no field for them. */
const trailers = headers.map((all) => (all.length > 0 ? { trailers: all as Header[] } : {}));

const headCut = fc.constantFrom<Pick<Request, "headCut">>(
  {},
  { headCut: "limit" },
  { headCut: "unfinished" },
);

const recorded: fc.Arbitrary<Recorded> = fc
  .record({
    head: fc.record({
      method: text,
      target: text.map((each) => `/${each}`),
      ...{ headers, trailers, headCut, body },
    }),
    answer: fc.option(
      fc.record({
        status: fc.integer({ min: 100, max: 999 }),
        statusText: text,
        headers,
        trailers,
        headCut,
        body,
      }),
    ),
    interim: fc.array(
      fc
        .tuple(fc.integer(), text, headers, milliseconds)
        .map(([status, statusText, each, time]) => ({ status, statusText, headers: each as Header[], time })),
      { maxLength: 2 },
    ),
    isOrphan: fc.boolean(),
    state: states,
    start: fc.double({ min: 0, max: 4e12, noNaN: true }).map((value) => value + 0),
    times: fc.record(
      { duration: milliseconds, requestEnd: milliseconds, responseStart: milliseconds },
      { requiredKeys: [] },
    ),
    stream: fc.record(
      { pushed: fc.constant(true as const), stream: fc.nat(), error: text, stalled },
      { requiredKeys: [] },
    ),
    role: fc.constantFrom("server" as const, "client" as const),
    pid: fc.nat(),
    process: text,
  })
  .map(({ head, answer, interim, isOrphan, state, start, times, stream, role, pid, process }) => {
    const exchange: Exchange = {
      ...{ id: 1, pid, process, role, state, start, ...times, ...stream },
      local: "[::1]:8080",
      remote: "unix",
      ...(interim.length > 0 && { interim }),
    };
    const seen = !(isOrphan && answer !== null);
    if (seen) {
      const { method, target, headers } = head;
      exchange.request = {
        method,
        target,
        version: "HTTP/1.1",
        headers: headers as Header[],
        ...head.trailers,
        ...head.headCut,
        body: head.body.body,
      };
    }
    if (answer !== null) {
      const { status, statusText, headers } = answer;
      exchange.response = {
        status,
        statusText,
        version: "HTTP/1.0",
        headers: headers as Header[],
        ...answer.trailers,
        ...answer.headCut,
        body: answer.body.body,
      };
    }
    const bodies = {
      ...(seen && { request: head.body.read }),
      ...(answer && { response: answer.body.read }),
    };
    return { exchange, bodies };
  });

test("what was captured, written and opened: every exchange, body, gap and reason is what it was", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(recorded, { maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      async (all, step) => {
        const reader = await read(write(all));
        assert.equal(reader.problem, undefined);
        assert.equal(reader.exchanges.length, all.length);
        for (const [i, { exchange, bodies }] of all.entries()) {
          const id = i + 1;
          assert.deepEqual(await reader.exchange(id), { ...exchange, id });
          for (const side of ["request", "response"] as const) {
            const expected = bodies[side];
            if (expected === undefined) continue;
            const seen = await bodyOf(reader, id, side, exchange[side]!.body.size, Math.max(step, 50));
            const padded = Buffer.alloc(exchange[side]!.body.size);
            padded.set(expected.bytes);
            assert.ok(padded.equals(seen.bytes));
            assert.deepEqual(sizes(seen.ranges), sizes(expected.ranges));
            assert.deepEqual(sizes(seen.missing), sizes(expected.missing));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

const codings = fc.option(fc.constantFrom("gzip", "br", "compress", "br, gzip", "identity"));
const encoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }),
  "br, gzip": (bytes) => gzipSync(encoders["br"]!(bytes)),
};
const types = fc.constantFrom(
  ...["text/plain; charset=latin1", "application/x-www-form-urlencoded", "image/png", "a/b"],
);

test("what was captured under codings and charsets is, written decoded and opened again, what was captured", async () => {
  await fc.assert(
    fc.asyncProperty(body, codings, types, async ({ body, read: sent }, coding, type) => {
      const headers: Header[] = [["Content-Type", type]];
      if (coding !== null) headers.push(["Content-Encoding", coding]);
      const plain = new Uint8Array(body.size);
      plain.set(sent.bytes);
      // A gap may be anywhere: what is encoded is encoded whole, and cut then.
      const bytes = encoders[coding ?? ""]?.(plain) ?? plain;
      const missing = body.missing.filter(({ end }) => end <= bytes.length);
      const part = partOf(bytes, missing);
      const message = { ...sample, request: { ...sample.request!, headers, body: part.body } };
      const exchange: Exchange = { ...message, response: { ...sample.response!, headers, body: part.body } };
      const bodies = await readBodies(
        async ({ start, end }) => ({
          base64: Buffer.from(part.read.bytes.subarray(start, end)).toString("base64"),
          ...{ end, ranges: part.body.ranges, missing: part.body.missing.filter((gap) => gap.start < end) },
        }),
        exchange,
      );
      const reader = await read(write([{ exchange, bodies }]));
      const seen = await reader.exchange(1);
      for (const side of ["request", "response"] as const) {
        assert.deepEqual(seen?.[side]?.body, part.body);
        const { size } = part.body;
        const padded = Buffer.alloc(size);
        padded.set(part.read.bytes);
        assert.ok(padded.equals((await bodyOf(reader, 1, side, size)).bytes));
      }
    }),
    { numRuns: 300 },
  );
});

/** Bytes by source, or by reason: parts of an answer cut them. */
function sizes(
  spans: ({ start: number; end: number } & ({ source: string } | { reason: string }))[],
): Record<string, number> {
  const all: Record<string, number> = {};
  for (const span of spans) {
    const name = "source" in span ? span.source : span.reason;
    all[name] = (all[name] ?? 0) + span.end - span.start;
  }
  return all;
}

test("any bytes: opened, or refused in words, and what is opened can be read", async () => {
  const entry = write([{ exchange: sample, bodies: {} }]);
  const spoiled = fc
    .tuple(fc.nat(entry.length), fc.uint8Array({ maxLength: 6 }), fc.nat(8))
    .map(([at, put, cut]) =>
      Buffer.concat([Buffer.from(entry.slice(0, at)), put, Buffer.from(entry.slice(at + cut))]),
    );
  const json = fc
    .json()
    .map((value) =>
      Buffer.from(
        `{"log":{"entries":[${value},{"request":${value},"response":{"status":200,"content":${value}}}]}}`,
      ),
    );
  await fc.assert(
    fc.asyncProperty(fc.oneof(spoiled, json, fc.uint8Array({ maxLength: 200 })), async (file) => {
      let reader;
      try {
        reader = await read(file);
      } catch (error) {
        assert.match(String(error), /^Error: (?:Malformed in line \d+, at byte \d+: .*|It is no HAR.*)\.$/);
        return;
      }
      for (const { id, size } of reader.exchanges) {
        const exchange = await reader.exchange(id);
        assert.ok(exchange !== null);
        for (const side of ["request", "response"] as const) {
          const result = await reader.body({ id, side, start: 0, end: size });
          const covered = [...result.ranges, ...result.missing].reduce(
            (sum, { start, end }) => sum + end - start,
            0,
          );
          assert.equal(covered, result.end);
        }
      }
    }),
    { numRuns: 1500 },
  );
});

test("redacted: credentials' values are gone, from the headers and from the cookies, and all else is there", async () => {
  const secrets: Header[] = [
    ["authorization", "Basic c2VjcmV0"],
    ["Cookie", "session=c2VjcmV0"],
    ["X-Api-Key", "c2VjcmV0"],
    ["X-CSRF-Token", "c2VjcmV0"],
    ["Proxy-Authorization", "c2VjcmV0"],
    ["Ocp-Apim-Subscription-Key", "c2VjcmV0"],
  ];
  const plain: Header[] = [
    ["Host", "h"],
    ["Cache-Control", "no-cache"],
    ["ETag", "token"],
    ["Keyword", "k"],
  ];
  const answer: Header[] = [["Set-Cookie", "id=c2VjcmV0; Path=/"]];
  const exchange: Exchange = {
    ...sample,
    request: { ...sample.request!, headers: [...secrets, ...plain] },
    response: { ...sample.response!, headers: answer, trailers: [["X-Token", "c2VjcmV0"]] },
    interim: [{ status: 103, statusText: "", headers: answer, time: 1 }],
  };
  const file = write([{ exchange: redacted(exchange), bodies: {} }]);
  assert.ok(!file.includes("c2VjcmV0"), file);
  const seen = await (await read(file)).exchange(1);
  assert.deepEqual(seen?.request?.headers, [...secrets.map(([name]) => [name, redaction]), ...plain]);
  assert.deepEqual(seen?.response?.headers, [["Set-Cookie", redaction]]);
});

test("anybody's entry that is saved again keeps its URL: https on an odd port, and where no address is told", async () => {
  const urls = ["https://h.test:8443/a?b", "https://h.test/c", "http://h.test:443/d", "wss://h.test/e"];
  const entries = urls.flatMap((url) => {
    const headers = [{ name: "Host", value: new URL(url).host }];
    const request = { method: "GET", url, httpVersion: "HTTP/1.1", headers };
    return [{ request }, { request, serverIPAddress: "192.0.2.7" }];
  });
  const first = await read(JSON.stringify({ log: { entries } }));
  const exchanges = await Promise.all(first.exchanges.map(({ id }) => first.exchange(id)));
  const file = write(exchanges.map((each) => ({ exchange: each!, bodies: {} })));
  const har = JSON.parse(file) as { log: { entries: { request: { url: string } }[] } };
  const written = har.log.entries.map(({ request }) => request.url);
  // The scheme's own port is said where the Host header says it, and only there.
  assert.deepEqual(
    written,
    urls.flatMap((url) => [url, url]),
  );
  const again = await read(file);
  for (const [i, each] of exchanges.entries()) assert.deepEqual([i, await again.exchange(i + 1)], [i, each]);
});
