/** Content codings off: whole, cut at every byte, corrupt, bombs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import fc from "fast-check";
import { codingsOf } from "../../../content/headers.ts";
import { decode, type Limits } from "../../../content/node/decode.ts";

const encoders: Record<string, (bytes: Uint8Array) => Buffer> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  "x-gzip": (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};
const rawDeflate = (bytes: Uint8Array) => zlib.deflateRawSync(bytes);
const codings = Object.keys(encoders);

async function* parts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const decoded = (names: string[], bytes: Uint8Array, size = Infinity, limits?: Limits) =>
  decode(names, () => parts(bytes, Math.min(size, bytes.length || 1)), limits);

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

test("any bytes, under any codings stacked, in parts of any size, are what they were", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 5000 }),
      fc.array(fc.constantFrom(...codings), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 600 }),
      async (bytes, names, size) => {
        const encoded = names.reduce<Uint8Array>((inner, name) => encoders[name]!(inner), bytes);
        const { bytes: result, stop } = await decoded(names, encoded, size);
        assert.equal(stop, undefined);
        assert.ok(Buffer.from(bytes).equals(result));
      },
    ),
    { numRuns: 200 },
  );
});

test("any bytes that claim a coding: decoded as far as they go, never a rejection, never above the limit", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...codings),
      fc.nat(),
      async (noise, name, at) => {
        const encoded = encoders[name]!(Buffer.from("what was sent ".repeat(9)));
        encoded.set(noise.subarray(0, 4), at % (encoded.length - 4));
        for (const bytes of [noise, encoded, Buffer.concat([encoded, noise])])
          assert.ok(
            (await decoded([name], bytes, 16, { bytes: 100, milliseconds: 5000 })).bytes.length <= 100,
          );
      },
    ),
    { numRuns: 200 },
  );
});

test("cut at every byte: a beginning of the content, which only grows, and the word that it is cut", async () => {
  const content = Buffer.from(
    Array.from({ length: 60 }, (_, i) => `line ${i} of ${(i * i) % 97}\n`).join(""),
  );
  for (const [name, encode] of [...Object.entries(encoders), ["deflate", rawDeflate] as const]) {
    const encoded = encode(content);
    let before = 0;
    for (let end = 0; end < encoded.length; end++) {
      const { bytes, stop } = await decoded([name], encoded.subarray(0, end));
      assert.deepEqual(stop, { kind: "cut" }, `${name} to ${end}`);
      assert.ok(content.subarray(0, bytes.length).equals(bytes));
      assert.ok(bytes.length >= before);
      before = bytes.length;
    }
    // zstd knows nothing of a block before all of it is there.
    if (name !== "zstd") assert.ok(before > content.length * 0.9, `${name}: ${before}`);
    assert.equal((await decoded([name], encoded)).stop, undefined);
  }
});

test("deflate with zlib's head, and without", async () => {
  for (const encode of [encoders["deflate"]!, rawDeflate])
    for (const content of ["", "x", "some more of it ".repeat(100)]) {
      const { bytes, stop } = await decoded(["deflate"], encode(Buffer.from(content)), 1);
      assert.deepEqual([text(bytes), stop], [content, undefined]);
    }
});

test("several members of gzip, and several frames of zstd, are one content", async () => {
  for (const name of ["gzip", "zstd"]) {
    const one = encoders[name]!(Buffer.from("one,"));
    for (const size of [1, 7, Infinity]) {
      const { bytes, stop } = await decoded([name], Buffer.concat([one, one, one]), size);
      assert.deepEqual([text(bytes), stop], ["one,one,one,", undefined], `${name} by ${size}`);
    }
  }
});

test("what comes after the end, or is corrupt, takes nothing from what came before", async () => {
  const content = "before the fault";
  for (const name of codings) {
    const encoded = Buffer.concat([encoders[name]!(Buffer.from(content)), Buffer.from("garbage")]);
    assert.equal(text((await decoded([name], encoded)).bytes), content, name);
  }
  const broken = zlib.gzipSync(Buffer.from("x".repeat(10) + content), { level: 0 });
  broken[broken.length - 5]! ^= 1; // of the check sum
  const { bytes, stop } = await decoded(["gzip"], broken);
  assert.equal(text(bytes), "x".repeat(10) + content);
  assert.deepEqual(stop, { kind: "corrupt", coding: "gzip", message: "incorrect data check" });
});

test("a bomb ends at the limit of bytes, in whatever it is packed; endless bytes without content at the limit of time", async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const limits = { bytes: 1000_000, milliseconds: 20_000 };
  for (const names of [["gzip"], ["br"], ["zstd"], ["gzip", "gzip"], ["br", "gzip"]]) {
    const bomb = names.reduce<Uint8Array>((inner, name) => encoders[name]!(inner), zeros);
    const before = process.memoryUsage().arrayBuffers;
    const { bytes, stop } = await decoded(names, bomb, Infinity, limits);
    assert.deepEqual([bytes.length, stop], [1000_000, { kind: "limit", bytes: 1000_000 }]);
    assert.ok(process.memoryUsage().arrayBuffers - before < 16_000_000);
  }
  const exact = await decoded(["gzip"], zlib.gzipSync(zeros.subarray(0, 1000_000)), Infinity, limits);
  assert.deepEqual([exact.bytes.length, exact.stop], [1000_000, undefined]);
  async function* empty(): AsyncGenerator<Uint8Array> {
    yield zlib.gzipSync("").subarray(0, 10);
    for (;;) yield Uint8Array.of(0, 0, 0, 0xff, 0xff); // a stored block of no bytes
  }
  const endless = await decode(["gzip"], empty, { bytes: 1000, milliseconds: 50 });
  assert.deepEqual(endless, { bytes: Buffer.alloc(0), stop: { kind: "time", milliseconds: 50 } });
});

test("an unknown coding is named; what was put on after it is taken off", async () => {
  const stop = { kind: "unknown", coding: "compress", why: "name" };
  const encoded = zlib.gzipSync("as it was");
  assert.deepEqual(await decoded(["br", "compress", "gzip"], encoded), {
    bytes: Buffer.from("as it was"),
    stop,
  });
  assert.deepEqual(await decoded(["compress"], encoded), { bytes: encoded, stop });
  assert.deepEqual((await decoded(["constructor"], encoded)).stop?.kind, "unknown");
});

test("codings by the headers: of all of them, in their order", () => {
  assert.deepEqual(
    codingsOf([
      ["Content-Encoding", "GZip , identity,,br"],
      ["content-type", "a/b"],
      ["CONTENT-ENCODING", "zstd"],
      ["Transfer-Encoding", "deflate, chunked"],
    ]),
    ["gzip", "br", "zstd", "deflate"],
  );
});
