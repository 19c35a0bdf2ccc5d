import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { nameOf } from "../../../helper/traffic/signatures.ts";
import { run, Script } from "../http/script.ts";

const startup = Buffer.concat([
  Buffer.from([0, 0, 0, 0x29, 0, 3, 0, 0]),
  Buffer.from("user\0postgres\0database\0shop\0\0"),
]);
const mongo = Buffer.alloc(40);
mongo.writeUInt32LE(40, 0);
mongo.writeUInt32LE(2013, 12);

const beginnings: [name: string | undefined, bytes: string | Uint8Array][] = [
  ["SSH", "SSH-2.0-OpenSSH_9.2p1\r\n"],
  ["Redis", "*1\r\n$4\r\nPING\r\n"],
  ["Redis", "+PONG\r\n"],
  ["PostgreSQL", startup],
  ["PostgreSQL", Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])],
  ["MySQL", "\x4a\0\0\0\n8.0.36\0\x08\0\0\0"],
  ["MongoDB", mongo],
  ["AMQP", "AMQP\0\0\t\x01"],
  ["MQTT", "\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04abcd"],
  ["NATS", 'INFO {"server_id":"N","version":"2"}\r\n'],
  ["SMTP", "220 mail.test ESMTP Postfix\r\n"],
  ["memcached", "get user:1\r\n"],
  ["SOCKS", "\x05\x01\0"],
  ["D-Bus", "\0AUTH EXTERNAL 30\r\n"],
  ["X11", "l\0\x0b\0\0\0"],
  ["TLS", "\x17\x03\x03\x00\x20abcdef"],
  ["WebSocket begun before the capture", "\x81\x05hello"],
  ["WebSocket begun before the capture", "\x89\x00\xc2\x85maskhello"],
  ["WebSocket begun before the capture", `\x82\x7e\x00\xc8${"x".repeat(200)}`],
  [undefined, "\x81\x05hell"],
  [undefined, "\x81\x7e\x00\x05hello"],
  [undefined, "\x83\x05hello"],
  [undefined, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  [undefined, "HTTP/1.1 200 OK\r\n\r\n"],
  [undefined, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  [undefined, "get / HTTP/1.1 is no method in small letters\r\n".slice(3)],
  [undefined, ""],
  [undefined, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"],
];

for (const [name, bytes] of beginnings)
  test(`${name ?? "nothing"}: ${JSON.stringify(Buffer.from(bytes).toString("latin1").slice(0, 24))}`, () => {
    const all = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : Buffer.from(bytes);
    assert.equal(nameOf(all), name);
    for (let cut = 0; cut < all.length; cut++)
      assert.ok([name, undefined].includes(nameOf(all.subarray(0, cut))));
  });

test("what a real client begins TLS with", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  client.on("error", () => {});
  const [socket] = await once(server, "connection");
  const [hello] = await once(socket, "data");
  client.destroy();
  server.close();
  assert.equal(nameOf(hello), "TLS");
});

test("connections are counted by what they speak, once each", () => {
  const filler = "x".repeat(100);
  const events = [1, 2, 3].flatMap((connection) => {
    const script = new Script(connection);
    const begin = connection === 3 ? "\x01\x02" : Buffer.from(startup).toString("latin1");
    return script
      .read(begin + filler)
      .write(filler)
      .read(filler).events;
  });
  assert.deepEqual(run(events).traffic.otherConnections, { PostgreSQL: 2, unknown: 1 });
});
