/** Bodies whose codings are taken off, and text in its charset, as a person sees them. */
import assert from "node:assert/strict";
import zlib from "node:zlib";
import type { ShownBody } from "./shown-body.ts";
import { bodyText, bytes, choose, sees, shown, window } from "./seen.ts";

sees("an encoded body as its content, with the bytes as they were sent one click away", async (page) => {
  const encoded = zlib.gzipSync('{"big":12345678901234567890}');
  const headers: [string, string][] = [["Content-Encoding", "gzip"]];
  const seen = await shown("application/json", encoded, "12345678901234567890", { headers });
  assert.match(seen, /gzip: 28 B decoded/);
  await choose("As sent");
  await page.getByText("1f 8b 08").waitFor();
});

sees("an encoded body that is cut, or no such thing, as far as it goes, and why", async () => {
  const log = Array.from({ length: 40 }, (_, i) => `line ${(i * i * 7919) % 10007} of the log\n`).join("");
  const encoded = zlib.brotliCompressSync(bytes(log));
  const headers: [string, string][] = [["Content-Encoding", "br"]];
  const gap = [{ start: encoded.length - 2, end: encoded.length, reason: "shed" as const }];
  const seen = await shown("text/plain", encoded, "line 7919 of the log", {
    headers,
    body: { missing: gap },
  });
  assert.match(seen, /br: the first \d+ B decoded: the encoded bytes end, or are missing/);
  const none = await shown("text/plain", bytes("plain after all"), "plain after all", {
    headers: [["Content-Encoding", "gzip"]],
  });
  assert.match(none, /gzip: shown as it was sent: what follows is no gzip \(incorrect header check\)/);
});

sees("an unknown coding: named, and the bytes by what they look like", async () => {
  const headers: [string, string][] = [["Content-Encoding", "aws-chunked"]];
  const seen = await shown("image/png", bytes('{"a": 1}'), '"a": 1', { headers });
  assert.match(seen, /aws-chunked: not decoded further: the coding “aws-chunked” isn't known/);
});

sees("an encoded body that grows is decoded as far as it has come", async (page) => {
  const content = Array.from({ length: 400 }, (_, i) => `event ${i} ${(i * 7919) % 1000}\n`).join("");
  const encoded = zlib.gzipSync(content, { level: 1 });
  const part = (end: number): ShownBody => ({
    headers: [
      ["Content-Encoding", "gzip"],
      ["Content-Type", "text/plain"],
    ],
    bytes: encoded.subarray(0, end),
    body: { end: end < encoded.length ? "in-flight" : "complete" },
  });
  await window.show("/log", { response: part(encoded.length / 2) });
  assert.match(await bodyText("response", "event 10 "), /gzip: [\d. kB]+ decoded so far/);
  await window.update("/log", { response: part(encoded.length) });
  await page.getByText("event 399").waitFor();
  assert.match(
    await bodyText("response", "event 399"),
    /gzip: [\d. kB]+ decoded ·|gzip: [\d. kB]+ decoded\n/,
  );
});

sees("text in its charset, which is said where it isn't UTF-8", async () => {
  const latin = Buffer.from("caf\xe9 \x80", "latin1");
  assert.match(await shown("text/plain", latin, "café €"), /windows-1252 \(assumed/);
  const html = Buffer.from('<meta charset="koi8-r">\xd0\xd2', "latin1");
  assert.match(await shown("text/html", html, "пр"), /\nkoi8-r\n/);
  // Of another program's recording, which is in UTF-8 by then.
  const recorded = bytes("é recorded");
  const ranges = [{ start: 0, end: recorded.length, source: "recorded" as const }];
  await shown("text/plain; charset=latin1", recorded, "é recorded", { body: { ranges } });
});
