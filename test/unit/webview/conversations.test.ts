/** What both sides say: calls by gRPC, events, WebSockets. */
import assert from "node:assert/strict";
import zlib from "node:zlib";
import { noDescriptors } from "../../../content/protobuf/descriptors.ts";
import { bytes, sees, shown, window } from "./seen.ts";

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
  assert.match(await page.locator("header").innerText(), /gRPC NOT_FOUND: no such thing, é · 3\.0 ms/);
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
