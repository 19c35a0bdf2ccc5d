/** What becomes of a body that is opened, copied, saved or searched: whole, encoded, and with bytes missing. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Bodies } from "../../../extension/bodies/bodies.ts";
import { bodyFileName } from "../../../extension/bodies/file-name.ts";
import { findInBody } from "../../../extension/bodies/find.ts";
import { headText } from "../../../extension/bodies/head-text.ts";
import { wholeBody } from "../../../extension/bodies/whole-body.ts";
import { writeBody, type WriteBody } from "../../../extension/bodies/write-body.ts";
import { Sources } from "../../../extension/model/sources.ts";
import type { Body, Header } from "../../../protocol/exchange.ts";
import { mostMatches } from "../../../protocol/webview.ts";
import { bodyOf, exchange } from "../recording/exchange.ts";
import { Keeper } from "./keeper.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-bodies-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const key = "1:1";

/** A response of that content. */
function keeping(content: Uint8Array | string, headers: Header[], fields: Partial<Body> = {}) {
  const bytes = Buffer.from(content);
  const body = bodyOf(bytes.length, fields);
  const keeper = new Keeper({ response: { ...exchange.response!, headers, body } });
  keeper.content = bytes;
  const sources = new Sources();
  sources.add(keeper);
  return { keeper, bodies: new Bodies(sources) };
}

function gap(start: number, end: number): Partial<Body> {
  return { missing: [{ start, end, reason: "shed" }] };
}

const text: Header[] = [["Content-Type", "text/plain"]];
const gzip: Header = ["Content-Encoding", "gzip"];

test("a whole body: text in UTF-8, its codings off, and what is missing named in its place", async () => {
  const whole = async (...args: Parameters<typeof keeping>) => {
    const { bytes, ...rest } = await wholeBody(keeping(...args).bodies, key, "response");
    return { text: Buffer.from(bytes).toString(), ...rest };
  };
  const latin = Buffer.from("caf\xe9", "latin1");
  assert.deepEqual(await whole(latin, [["Content-Type", "text/plain; charset=latin1"]]), {
    ...{ text: "café", isText: true, type: "text/plain" },
  });
  const json: Header = ["Content-Type", "application/json"];
  assert.equal((await whole(gzipSync('{"a":1}'), [json, gzip])).text, '{"a":1}');
  // The helper's answers end amid the gap.
  const lines = "0123456789\n".repeat(1000);
  const gapped = await whole(lines, text, gap(4000, 9000));
  const reason = "shed under load, so that no exchange was lost";
  const mark = `\n[bytes 4,000–8,999 missing (5.0 kB): ${reason}]\n`;
  assert.equal(gapped.text, lines.slice(0, 4000) + mark + lines.slice(9000));
  const cut = await whole(gzipSync(lines).subarray(0, -20), [...text, gzip]);
  assert.match(
    cut.text,
    /^0123456789\n[^]*\n\[the encoded bytes end, or are missing, before the content's end\]\n$/,
  );
});

test("of what is no text all bytes must be there, and where they aren't the words say what to do", async () => {
  const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(100)]);
  const whole = (...args: Parameters<typeof keeping>) => wholeBody(keeping(...args).bodies, key, "response");
  const seen = await whole(png, [["Content-Type", "application/octet-stream"]]);
  assert.deepEqual([seen.isText, Buffer.from(seen.bytes)], [false, png]);
  await assert.rejects(whole(png, [], gap(50, 60)), /10 B of the body are missing: “Save Body…” asks/);
  await assert.rejects(whole("", text), /The response has no body\./);
  await assert.rejects(
    whole("", [], { size: 65 * 1024 * 1024 }),
    /larger than 67 MB: “Save Body…” writes it/,
  );
});

test("a content is decoded once as long as the body is the same", async () => {
  const { keeper, bodies } = keeping(gzipSync("one"), [...text, gzip]);
  const first = await bodies.decode(key, "response");
  assert.equal(await bodies.decode(key, "response"), first);
  keeper.content = gzipSync("another one");
  keeper.exchanges[0]!.response!.body = bodyOf(keeper.content.length);
  assert.equal(Buffer.from((await bodies.decode(key, "response")).bytes).toString(), "another one");
});

const options: Omit<WriteBody, "inGaps"> = {
  ...{ key, side: "response", isContent: false },
  signal: new AbortController().signal,
  onProgress: () => {},
};

test("saved with zeros, or without them; what was given up meanwhile leaves no file", async () => {
  const content = "0123456789".repeat(1000);
  const { bodies, keeper } = keeping(content, text, gap(4000, 4200));
  const path = join(folder, "saved");
  const saved = async (inGaps: WriteBody["inGaps"]) => {
    const words = await writeBody(bodies, path, { ...options, inGaps });
    return [words, readFileSync(path, "latin1")];
  };
  const zeros = content.slice(0, 4000) + "\0".repeat(200) + content.slice(4200);
  assert.deepEqual(await saved("zeros"), ["10 kB, 200 B of them zeros, where bytes are missing", zeros]);
  const without = content.slice(0, 4000) + content.slice(4200);
  assert.deepEqual(await saved("leave-out"), ["9.8 kB, 200 B that are missing were left out", without]);
  rmSync(path);
  await assert.rejects(saved("none"), /bytes were given up meanwhile: bytes 4,000–4,095 missing/);
  assert.deepEqual(readdirSync(folder), []);
  keeper.exchanges[0]!.response!.body = bodyOf(content.length);
  assert.deepEqual(await saved("none"), ["10 kB", content]);
  await assert.rejects(
    writeBody(bodies, join(folder, "cancelled"), { ...options, inGaps: "none", signal: AbortSignal.abort() }),
    /abort/,
  );
  assert.deepEqual(readdirSync(folder), ["saved"]);
});

test("a content is saved as far as it could be decoded, and that is said", async () => {
  const path = join(folder, "content");
  const write = (bytes: Uint8Array) =>
    writeBody(keeping(bytes, [...text, gzip]).bodies, path, { ...options, isContent: true, inGaps: "none" });
  assert.equal(await write(gzipSync("all of it")), "9 B");
  assert.equal(readFileSync(path, "utf8"), "all of it");
  const cut = await write(gzipSync("0123456789\n".repeat(1000)).subarray(0, -20));
  assert.match(cut, /, only as far as it could be decoded: the encoded bytes end/);
});

test("a file's name: the target's, with the suffix of what it is; nothing that a file system would heed", () => {
  const names: [target: string, type: string, name: string][] = [
    ["/api/products?page=2", "application/json", "products.json"],
    ["/", "text/html", "body.html"],
    ["/static/app.mjs?v=1#x", "text/javascript", "app.mjs"],
    ["/photo.JPEG", "image/jpeg", "photo.JPEG"],
    ["/photo.php", "image/png", "photo.php.png"],
    ["/v1.2", "application/vnd.api+json", "v1.2.json"],
    ["/archive.tar", "application/octet-stream", "archive.tar"],
    ["/blob", "", "blob.txt"],
    ["/..%2f..%2fetc%2fpasswd", "text/plain", "etc-passwd.txt"],
    ["/a%00b\u202egnp.exe", "text/plain", "a-b-gnp.exe"],
    ["*", "", "body.txt"],
    ["/%ff/", "image/svg+xml", "-ff.svg".slice(1)],
    [`/${"é".repeat(300)}`, "text/plain", `${"é".repeat(60)}.txt`],
  ];
  for (const [target, type, name] of names) assert.equal(bodyFileName(target, type, true), name, target);
  assert.equal(bodyFileName("/blob", "", false), "blob.bin");
});

test("headers as they were sent, with their line", () => {
  assert.equal(
    headText(exchange, "response"),
    "HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nX: 1\nX: 2\n",
  );
  assert.match(headText(exchange, "request"), /^POST \/a\?b=c%20d&e&f=1\+2&b=%ff HTTP\/1\.1\nHost: /);
});

async function found(
  content: Uint8Array | string,
  wanted: string,
  charset = "utf-8",
  fields: Partial<Body> = {},
) {
  const { bodies } = keeping(content, text, fields);
  const { signal } = new AbortController();
  const search = { side: "response", of: "body", text: wanted, charset } as const;
  return findInBody(bodies, key, search, signal);
}

test("found in pieces: by bytes, its case ignored, across the edges of answers, never across a gap", async () => {
  assert.deepEqual(await found("é WREN, é wren", "wren"), {
    matches: [
      [3, 7],
      [12, 16],
    ],
    notes: [],
  });
  // One line, longer than several pieces, with a match on each edge: the answers end at multiples of 4096.
  const line = Buffer.alloc(3 * 1024 * 1024, "é");
  for (const edge of [4096, 1_048_576, 2_097_152]) line.write("a wren", edge - 4);
  const { matches } = await found(line, "A Wren");
  assert.deepEqual(
    matches,
    [4096, 1_048_576, 2_097_152].map((edge) => [edge - 4, edge + 2]),
  );
  const gapped = await found("a wr??en wren", "wren", "utf-8", gap(4, 6));
  assert.deepEqual(gapped, { matches: [[9, 13]], notes: ["2 B missing, not searched"] });
  // What isn't UTF-8 has its place by its bytes all the same.
  assert.deepEqual((await found(Buffer.from("\xe9\xff wren", "latin1"), "wren")).matches, [[3, 7]]);
  assert.deepEqual((await found(Buffer.from("\u0aaa a wren", "utf16le"), "wren", "utf-16le")).matches, [
    [8, 16],
  ]);
  assert.deepEqual((await found("a.b a+b", "a+b")).matches, [[4, 7]]);
});

test("a search is bounded, and ends when nobody waits for it", async () => {
  const { matches, notes } = await found("a".repeat(mostMatches + 5), "a");
  assert.deepEqual([matches.length, notes], [mostMatches, ["there may be more, which were not counted"]]);
  const { bodies } = keeping("a".repeat(100), text);
  const search = { side: "response", of: "body", text: "a", charset: "utf-8" } as const;
  await assert.rejects(findInBody(bodies, key, search, AbortSignal.abort()), /abort/);
});
