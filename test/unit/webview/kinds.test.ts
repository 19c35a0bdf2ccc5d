/** Bodies as what they are: lines, forms, parts, GraphQL, pictures. */
import assert from "node:assert/strict";
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import { bodyText, bytes, choose, sees, shown, window } from "./seen.ts";

sees("JSON lines: a row each, which opens; what is no JSON is marked", async (page) => {
  const seen = await shown("application/x-ndjson", bytes('{"a":1,"b":[1,2]}\noops\n{"c":3}\n'), "oops");
  assert.match(seen, /no JSON oops/);
  await page.getByText('{"a":1,"b":[1,2]}').click();
  await page.getByText('"b": [').waitFor();
});

sees("a form: its names and values", async (page) => {
  await window.show("/buy", {
    request: {
      headers: [["Content-Type", "application/x-www-form-urlencoded"]],
      bytes: bytes("name=Zo%C3%AB+B&item=1&item=2&note=<script>alert(1)</script>%0Aline two"),
    },
  });
  await page.getByRole("tab", { name: "Request" }).click();
  assert.match(await bodyText("request", "Zoë B"), /item\s+1\s+item\s+2\s+note\s+<script>/);
});

sees("a multipart form: fields, files and what is nested, a picture as such", async (page) => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const data = new FormData();
  data.append("title", "Two things");
  data.append("photo", new Blob([png], { type: "image/png" }), "naïve.png");
  data.append("data", new Blob([Uint8Array.of(0, 1, 2)]), "raw.bin");
  const form = new Response(data);
  await window.show("/upload", {
    request: { headers: [...form.headers], bytes: new Uint8Array(await form.arrayBuffer()) },
  });
  await page.getByRole("tab", { name: "Request" }).click();
  const seen = await bodyText("request", "Two things");
  assert.match(seen, /photo\s+“naïve\.png” · image\/png · 70 B/);
  assert.match(seen, /“raw\.bin” · application\/octet-stream · 3 B\s+bytes that are no text/);
  await page.waitForFunction(`document.querySelector(".items img")?.naturalWidth === 1`);
});

sees("GraphQL: operation, document and variables, of a body and of a query", async (page) => {
  const request = {
    operationName: "AddItem",
    query: "mutation AddItem($id: ID!) {\n  add(id: $id) { total }\n}",
    variables: { id: "9" },
  };
  await window.show("/graphql", {
    request: { headers: [["Content-Type", "application/json"]], bytes: bytes(JSON.stringify(request)) },
  });
  await page.getByRole("tab", { name: "Request" }).click();
  assert.match(
    await bodyText("request", "Variables"),
    /mutation AddItem\s+mutation AddItem\(\$id: ID!\) \{\n/,
  );
  await choose("JSON");
  await page.getByText('"operationName": "AddItem"').waitFor();
  await window.show(`/graphql?query=${encodeURIComponent("query Q { a }")}`, {});
  await page.getByRole("heading", { name: "GraphQL", exact: true }).waitFor();
});

sees("MessagePack and CBOR: what they say", async () => {
  const value = { id: 18446744073709551615n, raw: Uint8Array.of(1, 255), list: ["a", null] };
  const msgpack = await shown(
    "application/msgpack",
    encodeMsgpack(value, { useBigInt64: true }),
    "18446744073709551615",
  );
  assert.match(msgpack, /"raw": h'01ff'/);
  assert.match(await shown("application/cbor", encodeCbor(value), "18446744073709551615"), /"raw": h'01ff'/);
  const cut = encodeCbor([value, value]).subarray(0, 30);
  assert.match(
    await shown("application/cbor", cut, "Not shown as what it is said to be"),
    /bytes 0–29 by write/,
  );
});

sees("a picture by its bytes, with its size", async (page) => {
  const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  await shown("application/octet-stream", gif, "image/gif, 1 × 1 pixels");
  await page.waitForFunction(`document.querySelector(".content img")?.naturalWidth === 1`);
});
