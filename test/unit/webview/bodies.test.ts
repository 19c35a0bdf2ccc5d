/** What a person sees of a body, in a Chromium. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import zlib from "node:zlib";
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import { noDescriptors } from "../../../content/protobuf/descriptors.ts";
import { ensureBrowser } from "../../../scripts/browser.ts";
import { whyNotInstalled } from "../../../scripts/packages.mjs";
import { ChromiumPage, type ShownBody } from "./chromium.ts";

let window: ChromiumPage;
let missing: string | undefined;

before(async () => {
  missing = await whyNotInstalled(ensureBrowser);
  if (missing === undefined) window = await ChromiumPage.open();
});
after(() => window?.close());

const bytes = (text: string) => Buffer.from(text);

function sees(title: string, run: (page: ChromiumPage["page"], t: TestContext) => Promise<void>): void {
  test(title, async (t) => {
    if (missing !== undefined) return t.skip(missing);
    window.complaints.length = 0;
    await run(window.page, t);
    await picture(title);
    assert.deepEqual(window.complaints, []);
  });
}

/** Where somebody wants to look. */
async function picture(title: string): Promise<void> {
  const folder = process.env["TINYTAP_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const name = title.replaceAll(/\W+/g, "-").slice(0, 60);
  await window.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  await window.page.evaluate(`document.documentElement.className = "hc"`);
  await window.page.screenshot({ path: join(folder, `${name}-hc.png`), fullPage: true });
  await window.page.evaluate(`document.documentElement.className = ""`);
}

/** Shows a body, and waits until the page says `text` of it. */
async function shown(
  type: string,
  content: Uint8Array,
  text: string,
  more: Partial<ShownBody> = {},
): Promise<string> {
  const headers: [string, string][] = [["Content-Type", type], ...(more.headers ?? [])];
  await window.show("/things", { response: { ...more, headers, bytes: content } });
  // The page keeps the side that was looked at last.
  await window.page.getByRole("tab", { name: "Response" }).click();
  return bodyText("response", text);
}

async function bodyText(side: string, text: string): Promise<string> {
  const body = window.page.locator(`#panel-${side} .body`);
  await body.getByText(text).first().waitFor({ timeout: 10_000 });
  return body.innerText();
}

async function choose(mode: string): Promise<void> {
  await window.page.locator(".modes:visible").getByRole("button", { name: mode, exact: true }).click();
}

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
  assert.match(await shown("text/html", html, "пр"), /· koi8-r ·/);
  // Of another program's recording, which is in UTF-8 by then.
  const recorded = bytes("é recorded");
  const ranges = [{ start: 0, end: recorded.length, source: "recorded" as const }];
  await shown("text/plain; charset=latin1", recorded, "é recorded", { body: { ranges } });
});

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

sees("what comes before a response, and behind its body", async (page) => {
  const seen = await shown("text/plain", bytes("hello"), "hello", {
    interim: [{ status: 103, statusText: "Early Hints", headers: [["Link", "</a.css>"]], time: 12 }],
    trailers: [["Server-Timing", "db;dur=5"]],
  });
  assert.match(seen, /hello/);
  assert.match(await page.locator("#panel-response").innerText(), /Trailers\s+Server-Timing\s+db;dur=5/);
  await page.getByText("103 Early Hints after 12 ms").click();
  await page.getByText("</a.css>").waitFor();
});

const orders = noDescriptors();
orders.methods.set("shop.Shop/Watch", { request: "shop.Order", response: "shop.Order" });
const itemName = { name: "itemName", type: "string", typeName: "", isRepeated: false };
const unitPrice = { name: "unitPrice", type: "int64", typeName: "", isRepeated: false };
orders.messages.set("shop.Order", {
  fields: new Map([
    [1, unitPrice],
    [2, itemName],
  ]),
  isMapEntry: false,
});

/** gRPC's bytes of messages; those that are compressed as such. */
const framed = (...messages: [bytes: Uint8Array, flags?: number][]) =>
  Buffer.concat(
    messages.flatMap(([bytes, flags = 0]) => {
      const head = Buffer.alloc(5);
      head.writeUInt8(flags);
      head.writeUInt32BE(bytes.length, 1);
      return [head, bytes];
    }),
  );

sees("a call by gRPC: both sides' messages, compressed ones too, and its status", async (page) => {
  const price = Buffer.from("089601", "hex");
  const name = Buffer.from("120774657374696e67", "hex");
  const headers: [string, string][] = [
    ["content-type", "application/grpc"],
    ["grpc-encoding", "gzip"],
  ];
  await window.show("/shop.Shop/Watch", {
    request: { headers, bytes: framed([price]) },
    response: {
      headers,
      bytes: framed([price], [zlib.gzipSync(name), 1]),
      trailers: [
        ["grpc-status", "5"],
        ["grpc-message", "no such thing, %C3%A9"],
      ],
      body: {
        arrivals: [
          [0, 1],
          [8, 40],
        ],
      },
    },
  });
  const panel = page.locator("#panel-messages");
  await panel.getByText('2: "testing"').first().waitFor();
  const text = await panel.innerText();
  assert.match(text, /^3 messages/);
  assert.match(text, /↑ client 3 B 1: 150\n/);
  assert.match(text, /↓ server 1\.0 ms · 3 B 1: 150\n/);
  assert.match(text, /↓ server 40 ms · 29 B · 9 B without gzip 2: "testing"\n/);
  assert.match(text, /↓ server 3\.0 ms · status NOT_FOUND no such thing, é/);
  assert.match(await page.locator("header").innerText(), /gRPC\s+NOT_FOUND: no such thing, é/);
  await page.locator(".items summary").first().click();
  await page.locator(".items pre", { hasText: /^1: 150$/ }).waitFor();
});

sees("a call that nobody describes, until its server is asked", async (page) => {
  const order = Buffer.from("089601120774657374696e67", "hex");
  const grpc: [string, string][] = [["content-type", "application/grpc-web+proto"]];
  const call = {
    request: { headers: grpc, bytes: framed([order]) },
    response: {
      headers: grpc,
      bytes: framed(
        [order],
        [Buffer.from("0a01ff", "hex")],
        [bytes("grpc-status: 0\r\nserver-id: 7\r\n"), 0x80],
      ),
    },
  };
  window.description = undefined;
  window.describe = () => Promise.reject(new Error("127.0.0.1:80 says UNIMPLEMENTED"));
  await window.show("/shop.Shop/Watch", call);
  const panel = page.locator("#panel-messages");
  await panel.getByText("no descriptor of this method is known").waitFor();
  await panel.getByText("OK server-id: 7").waitFor();
  const button = panel.getByRole("button", { name: "Ask 127.0.0.1:80 for its descriptors" });
  await button.click();
  await panel.getByText("says UNIMPLEMENTED").waitFor();
  window.describe = () => Promise.resolve({ descriptors: orders, by: "the server's own descriptors" });
  await button.click();
  await panel.getByText("read by the server's own descriptors").waitFor();
  await panel.getByText('{ "unitPrice": "150", "itemName": "testing" }').first().waitFor();
  assert.ok(!(await button.isVisible()));
  assert.match(
    await panel.innerText(),
    /3 B no shop\.Order: field 1 \(unitPrice\) is no int64; its fields by number/,
  );
  await panel.getByText("shop.Order").first().click();
  await panel.getByText('"unitPrice": "150",').last().waitFor();
});

sees("events, each with its time, and opened with its data as JSON", async (page) => {
  const stream = ': hi\n\nevent: add\nid: 7\ndata: {"price":12345678901234567890}\n\ndata: half';
  const text = await shown("text/event-stream", bytes(stream), "not all of it is there", {
    body: {
      end: "in-flight",
      arrivals: [
        [0, 0],
        [6, 1500],
      ],
    },
  });
  assert.match(text, /<0.1 ms · comment/);
  assert.match(text, /1\.5 s · add · id 7/);
  await page.getByText("add · id 7").click();
  await page.getByText('"price": 12345678901234567890').waitFor();
});

sees("a WebSocket's messages, both ways, live", async (page) => {
  const headers: [string, string][] = [
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
  ];
  const hello = Buffer.from([0x81, 5, ...Buffer.from("hello")]);
  const question = Buffer.from([0x81, 0x83, 1, 2, 3, 4, 0x6a ^ 1, 0x61 ^ 2, 0x3f ^ 3]);
  const body = { end: "in-flight" as const };
  const request = { headers, body, bytes: question };
  await window.show("/socket", { request, response: { headers, body, status: 101, bytes: hello } });
  await page.getByText("2 messages").waitFor();
  const rows = () => page.locator(".messages li").allInnerTexts();
  assert.deepEqual(
    (await rows()).map((row) => row.replaceAll(/\s+/g, " ").trim()),
    ["↑ client 3 B ja?", "↓ server 5 B hello"],
  );
  const open = page.locator(".messages li").nth(1).locator("summary");
  await open.click();
  const more = Buffer.concat([hello, Buffer.from([0x88, 9, 3, 0xe8, ...Buffer.from("enough")])]);
  await window.update("/socket", { request, response: { headers, body, status: 101, bytes: more } });
  await page.getByText("not all of it is there").waitFor();
  assert.match((await rows())[2] ?? "", /close · 1000/);
  assert.ok(
    await page.locator(".messages li").nth(1).locator("pre").isVisible(),
    "what was opened stays open",
  );
});

sees("the other end is a click away, where it was captured", async (page) => {
  const response = { headers: [], bytes: bytes("x") };
  await window.show("/alone", { response });
  await page.getByText("/alone").waitFor();
  assert.equal(await page.getByText("Other end").count(), 0);
  await window.show("/both", { response }, undefined, 7);
  await page.getByRole("button", { name: "Show what the client saw" }).click();
  assert.deepEqual(window.otherEnds, [7]);
});

sees(
  "the place that was searched for: in a long body, in a head, in a closed item; and it stays where the reader goes",
  async (page) => {
    const items = Array.from({ length: 400 }, (_, i) => ({ id: i, bird: i === 300 ? "wren" : "tit" }));
    const response = {
      headers: [["Content-Type", "application/json"]] as [string, string][],
      bytes: bytes(JSON.stringify(items)),
    };
    const request = { headers: [["X-Bird", "a wren"]] as [string, string][], bytes: bytes("bird=wren") };
    const both = { request, response };
    const place = { number: 1, part: "response", within: "body", text: "wren" } as const;
    const selected = async () => {
      await page.waitForFunction("getSelection().toString() !== ''");
      return page.evaluate(
        "(({ top }) => [getSelection().toString(), top > 0 && top < innerHeight])(getSelection().getRangeAt(0).getBoundingClientRect())",
      );
    };
    await window.show("/wren", both, place);
    assert.deepEqual(await selected(), ["wren", true]);
    await page.evaluate("getSelection().removeAllRanges(), scrollTo(0, 0)");
    await window.update("/wren", both, place);
    assert.equal(await page.evaluate("getSelection().toString() + scrollY"), "0");
    await window.update("/wren", both, { number: 2, part: "request", within: "heads", text: "a wren" });
    assert.deepEqual(await selected(), ["a wren", true]);
    assert.equal(await page.getByRole("tab", { name: "Request" }).getAttribute("aria-selected"), "true");
    const headers: [string, string][] = [["Link", "wren.css"]];
    const interim = [{ status: 103, statusText: "", headers, time: 1 }];
    const early = { ...both, response: { ...response, interim } };
    await window.show("/", early, { number: 3, part: "response", within: "heads", text: "wren.css" });
    assert.deepEqual(await selected(), ["wren.css", true]);
  },
);
