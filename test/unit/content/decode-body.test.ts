import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { decodeBody } from "../../../content/node/decode-body.ts";
import type { Body, Header, Missing } from "../../../protocol/exchange.ts";
import type { BodyResult } from "../../../protocol/rpc.ts";

const content = Array.from({ length: 200 }, (_, i) => `${(i * i * 7919) % 10007}\n`).join("");
const encoded = brotliCompressSync(content);
const headers: Header[] = [["Content-Encoding", "br"]];
const body: Body = { size: encoded.length, end: "complete", ranges: [], missing: [] };

/** Whoever keeps the body, who answers in parts; `asked`: from where on. */
function keeper(gap?: Missing) {
  const asked: number[] = [];
  const read = async (start: number, wanted: number): Promise<BodyResult> => {
    asked.push(start);
    const end = Math.min(start + 100, wanted);
    const missing = gap !== undefined && gap.start < end ? [gap] : [];
    return { base64: encoded.subarray(start, end).toString("base64"), end, ranges: [], missing };
  };
  return { asked, read };
}

test("a body is read in the parts that its keeper gives, and no further than the limit needs", async () => {
  const { bytes, stop } = await decodeBody(headers, body, keeper().read);
  assert.deepEqual([Buffer.from(bytes).toString(), stop], [content, undefined]);
  const { asked, read } = keeper();
  const limits = { bytes: 10, milliseconds: 5000 };
  assert.equal((await decodeBody(headers, body, read, limits)).bytes.length, 10);
  assert.ok(asked.at(-1)! + 100 < encoded.length);
});

test("a body is decoded up to its first missing byte; what a keeper gives of the bytes behind is not looked at", async () => {
  const { asked, read } = keeper({ start: 250, end: 260, reason: "shed" });
  const { bytes, stop } = await decodeBody(headers, body, read);
  assert.deepEqual([asked, stop], [[0, 100, 200], { kind: "cut" }]);
  assert.ok(bytes.length > 100 && content.startsWith(Buffer.from(bytes).toString()));
});

test("of a recorded body that is decoded already no coding is taken off", async () => {
  const { bytes } = await decodeBody(headers, { ...body, decoded: true }, keeper().read);
  assert.ok(encoded.equals(bytes));
});
