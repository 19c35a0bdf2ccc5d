/** HARs that other programs wrote, of the same pages (corpus/make.ts). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { binary, text } from "./corpus/pages.ts";
import type { Side } from "../../../protocol/exchange.ts";
import type { Reader } from "../../../recording/reader.ts";
import { bodyOf, read } from "./recorded.ts";

async function bytesOf(reader: Reader, id: number, side: Side): Promise<Buffer> {
  const { size } = (await reader.exchange(id))![side]!.body;
  return Buffer.from((await bodyOf(reader, id, side, size)).bytes);
}

for (const [file, creator] of [
  ["chromium-embed.har", "Playwright"],
  ["attach/chromium-attach.har", "Playwright"],
  ["mitmproxy.har", "mitmproxy"],
] as const) {
  test(`${file}: its exchanges and bodies are what the pages sent`, async () => {
    const path = join(import.meta.dirname, "corpus", file);
    const reader = await read(readFileSync(path), dirname(path));
    assert.equal(reader.problem, undefined);
    assert.equal(reader.source, creator);
    const rows = reader.exchanges.map(
      ({ method, target, status, host }) => `${method} ${target} ${status} ${host}`,
    );
    const host = reader.exchanges[0]?.host;
    assert.match(host ?? "", /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(
      rows,
      ["GET / 200", "GET /text 200", "GET /binary 200", "POST /post 201", "GET /none 404"].map(
        (row) => `${row} ${host}`,
      ),
    );
    assert.equal((await bytesOf(reader, 2, "response")).toString(), text);
    const coded = await reader.exchange(2);
    assert.equal(coded?.response?.body.size, Buffer.byteLength(text));
    assert.equal(coded?.response?.body.decoded, true);
    assert.deepEqual(await bytesOf(reader, 3, "response"), binary);
    // mitmproxy reads text whose charset isn't said as Latin-1.
    const posted = creator === "mitmproxy" ? "a=1&b=\u00c3\u00a9" : "a=1&b=\u00e9";
    assert.equal((await bytesOf(reader, 4, "request")).toString(), posted);
    assert.equal((await bytesOf(reader, 4, "response")).toString(), "posted");
    for (const { start, duration = -1, missing } of reader.exchanges) {
      assert.ok(start > Date.UTC(2020) && duration >= 0 && missing === 0);
    }
  });
}
