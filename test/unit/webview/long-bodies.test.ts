/** What a long body costs: counted in bytes that the page is sent, and in what it draws. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { bytes, choose, sees, window } from "./seen.ts";

const mebibyte = 1024 * 1024;
const line = `${"0123456789abcdef".repeat(3)} of a long body\n`;

function long(size: number): Buffer {
  return Buffer.alloc(size, line);
}

const types: [type: string, content: Buffer][] = [
  ["text/plain", long(64 * mebibyte)],
  ["application/octet-stream", Buffer.alloc(64 * mebibyte, Uint8Array.of(0, 1, 2, 255))],
  ["application/json", Buffer.alloc(64 * mebibyte, '{"a":[1,2,3]},')],
  ["application/x-ndjson", Buffer.alloc(64 * mebibyte, '{"a":[1,2,3]}\n')],
  ["text/event-stream", Buffer.alloc(64 * mebibyte, "data: tick\n\n")],
  ["multipart/form-data; boundary=b", long(64 * mebibyte)],
  ["image/png", Buffer.alloc(64 * mebibyte, "\x89PNG\r\n\x1a\n")],
];

for (const [type, content] of types)
  sees(`64 MiB of ${type}: less than 2 MiB are sent, and a few thousand elements drawn`, async (page, t) => {
    window.sent = 0;
    await window.show("/long", { response: { headers: [["Content-Type", type]], bytes: content } });
    await page.locator("h1", { hasText: "/long" }).waitFor();
    await page.locator(".content > *").first().waitFor();
    await page.waitForTimeout(300);
    t.diagnostic(`${window.sent.toLocaleString("en-US")} bytes sent`);
    assert.ok(window.sent < 2 * mebibyte, `${window.sent} bytes`);
    const drawn = await page.evaluate<number>(
      "document.querySelectorAll('*').length * 100 + document.querySelector('main').textContent.length",
    );
    assert.ok(drawn < 2 * mebibyte, `${drawn} characters, and elements`);
    await page.getByText("No SHA-256: the body is larger than 17 MB").first().waitFor();
  });

sees("an encoded body's content is sent by need, too, and nothing twice", async (page, t) => {
  const headers: [string, string][] = [
    ["Content-Type", "text/plain"],
    ["Content-Encoding", "gzip"],
  ];
  window.sent = 0;
  await window.show("/gzip", { response: { headers, bytes: gzipSync(long(15 * mebibyte)) } });
  await page.getByText("Page 1 of 60").waitFor();
  t.diagnostic(`${window.sent.toLocaleString("en-US")} bytes sent`);
  assert.ok(window.sent < mebibyte);
  const before = window.sent;
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByText("Page 2 of 60").waitFor();
  await page.getByRole("button", { name: "Previous", exact: true }).click();
  await page.getByText("Page 1 of 60").waitFor();
  assert.ok(window.sent - before <= 2 * 256 * 1024, "two pages' ends");
});

sees("pages begin and end with lines, and leave nothing out", async (page) => {
  const text = Array.from({ length: 60_000 }, (_, i) => `line ${i} é\n`).join("");
  await window.show("/pages", {
    response: { headers: [["Content-Type", "text/plain"]], bytes: bytes(text) },
  });
  let read = "";
  const pages = Math.ceil(Buffer.byteLength(text) / (256 * 1024));
  for (let number = 1; number <= pages; number++) {
    await page.getByText(`Page ${number} of ${pages}`).waitFor();
    const shown = (await page.locator("pre.text").textContent()) ?? "";
    assert.ok(shown.startsWith("line ") && shown.endsWith("\n"));
    read += shown;
    if (number < pages) await page.getByRole("button", { name: "Next", exact: true }).click();
  }
  assert.equal(read, text);
  await page.getByRole("button", { name: "Compute the SHA-256" }).waitFor({ state: "detached" });
});

sees("a digest of more than a mebibyte is computed when it is asked for", async (page) => {
  await window.show("/digest", {
    response: { headers: [["Content-Type", "text/plain"]], bytes: long(3 * mebibyte) },
  });
  await page.getByRole("button", { name: "Compute the SHA-256" }).click();
  await page
    .getByText("SHA-256 ")
    .filter({ hasText: /[0-9a-f]{64}/ })
    .waitFor();
});

sees("a selection survives growth, also past the end of a page, and in hex", async (page) => {
  const text = Array.from({ length: 40_000 }, (_, i) => `line ${i}\n`).join("");
  const part = (size: number) => ({
    response: {
      headers: [["Content-Type", "text/plain"]] as [string, string][],
      bytes: bytes(text.slice(0, size)),
      body: { end: "in-flight" as const },
    },
  });
  const select = (selector: string) =>
    page.evaluate(
      `getSelection().setBaseAndExtent(document.querySelector("${selector}").firstChild, 2, document.querySelector("${selector}").firstChild, 20)`,
    );
  const selected = () => page.evaluate<string>("getSelection().toString()");
  await window.show("/grows", part(262_100));
  await page.getByText("line 3\n").first().waitFor();
  await select("pre.text");
  const before = await selected();
  assert.equal(before.length, 18);
  await window.update("/grows", part(300_000));
  await page.getByText("Page 1 of 2").waitFor();
  assert.equal(await selected(), before);
  await choose("Hex");
  await page.locator(".hex .row").first().waitFor();
  await select(".hex .row .bytes");
  await window.update("/grows", part(360_000));
  await page.getByText("Page 1 of 22").waitFor();
  assert.equal((await selected()).length, 18);
});
