import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { isPreface, preface } from "../../../helper/http2/preface.ts";
import { beginsFrames } from "../../../helper/http2/begins.ts";
import { FrameSeeker } from "../../../helper/http2/seek.ts";
import { Random } from "../http/random.ts";
import { frame } from "./frames.ts";

const samples = 100_000;
/** The same at each run, and made much faster than by single numbers. */
const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(8 << 20));
const isOpen = (stream: number): boolean => [1, 3, 5, 7].includes(stream);

/** What other programs say to each other, as one call's bytes. */
const others: Record<string, (random: Random) => Buffer> = {
  "random bytes": (random) => bytesOf(random, random.int(1, 200)),
  "nine random bytes": (random) => bytesOf(random, 9),
  "bytes that are mostly zero": (random) =>
    Buffer.from(
      Array.from({ length: random.int(1, 60) }, () => (random.chance(0.8) ? 0 : random.int(0, 255))),
    ),
  "small numbers of 32 bits, the high byte first": (random) => numbers(random, 4, false),
  "small numbers of 32 bits, the low byte first": (random) => numbers(random, 4, true),
  "small numbers of 64 bits, the high byte first": (random) => numbers(random, 8, false),
  "messages with their length in front": (random) => {
    const length = random.int(0, 100);
    const head = Buffer.alloc(12);
    head.writeUInt32BE(length + 8, 0);
    head.writeUInt16BE(random.int(0, 20), 4);
    head.writeUInt16BE(random.int(0, 9), 6);
    head.writeUInt32BE(random.int(0, 1000), 8);
    return Buffer.concat([head, bytesOf(random, length)]);
  },
  "TLS records": (random) => {
    const length = random.int(1, 150);
    const type = random.pick([20, 21, 22, 23]);
    return Buffer.concat([Buffer.of(type, 3, 3, length >> 8, length & 255), bytesOf(random, length)]);
  },
  Redis: (random) => {
    const key = Buffer.from(bytesOf(random, random.int(1, 20))).toString("hex");
    return Buffer.from(
      random.pick([`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`, "+OK\r\n", "$-1\r\n", ":1\r\n"]),
    );
  },
  PostgreSQL: (random) => {
    const messages = Array.from({ length: random.int(1, 5) }, () => {
      const payload = bytesOf(random, random.int(0, 40));
      const head = Buffer.alloc(5);
      head.write(random.pick([..."QPBEDSTCZR123"]), 0, "latin1");
      head.writeUInt32BE(payload.length + 4, 1);
      return Buffer.concat([head, payload]);
    });
    return random.chance(0.1)
      ? Buffer.from("\0\0\0\x26\0\x03\0\0user\0me\0database\0mine\0\0")
      : Buffer.concat(messages);
  },
};

function bytesOf(random: Random, length: number): Buffer {
  const at = random.int(0, noise.length - length);
  return noise.subarray(at, at + length);
}

function numbers(random: Random, width: number, little: boolean): Buffer {
  const bytes = Buffer.alloc(width * random.int(1, 20));
  for (let at = 0; at < bytes.length; at += width) {
    const number = random.int(0, random.pick([2, 20, 300, 70_000]));
    if (little) bytes.writeUInt32LE(number, at);
    else bytes.writeUInt32BE(number, at + width - 4);
  }
  return bytes;
}

for (const [name, make] of Object.entries(others))
  test(`${name}: none of 100,000 calls makes a connection HTTP/2, and where frames are sought next to none is taken for one`, () => {
    const random = new Random(9);
    let sought = 0;
    for (let i = 0; i < samples; i++) {
      const bytes = make(random);
      assert.equal(beginsFrames(bytes, false), undefined, Buffer.from(bytes).toString("hex"));
      assert.notEqual(isPreface(bytes), "yes");
      if (new FrameSeeker(isOpen).find(bytes, true) >= 0) sought++;
    }
    // Zeros with one frame's head by chance, of a stream that is open, and the call ends where that frame does.
    assert.ok(sought <= 2, `${sought} are`);
  });

const request = frame("headers", 0x5, 1, "\x82\x86\x84");
const response = frame("headers", 0x4, 1, "\x88\x0f\x0d\x011");

test("a call that comes to a request or a response makes a connection HTTP/2", () => {
  for (const call of [
    request,
    response,
    Buffer.concat([frame("windowUpdate", 0, 0, "\0\x10\0\0"), request]),
    Buffer.concat([frame("ping", 1, 0, "12345678"), request]),
    Buffer.concat([response, frame("data", 0, 1, "x".repeat(100)).subarray(0, 50)]),
  ])
    assert.ok(beginsFrames(call, false) !== undefined, call.toString("hex"));
  for (const call of [
    request.subarray(0, -1),
    frame("data", 1, 1, "some data"),
    frame("headers", 0x5, 1, "\x80\x82"),
    frame("ping", 0, 0, "12345678"),
  ])
    assert.equal(beginsFrames(call, false), undefined, call.toString("hex"));
});

test("where HTTP/2 is known, what a program writes in one call is found", () => {
  for (const call of [
    request,
    frame("ping", 1, 0, "12345678"),
    frame("windowUpdate", 0, 0, "\0\x10\0\0"),
    frame("data", 1, 3, "some data"),
    frame("data", 1, 3),
    Buffer.concat([response, frame("data", 0, 1, "x".repeat(100)).subarray(0, 50)]),
    frame("rstStream", 0, 3, "\0\0\0\x08"),
    frame("goAway", 0, 0, "\0\0\0\x05\0\0\0\0bye"),
  ])
    assert.equal(new FrameSeeker(isOpen).find(call, true), 0, call.toString("hex"));
  assert.equal(new FrameSeeker(isOpen).find(frame("data", 1, 9, "of a stream that isn't open"), true), -1);
});

test("the preface is known when it is whole, and awaited before", () => {
  for (let length = 0; length < preface.length; length++)
    assert.equal(isPreface(preface.subarray(0, length)), "more");
  assert.equal(isPreface(preface), "yes");
  assert.equal(isPreface(Buffer.concat([preface, frame("settings", 0, 0)])), "yes");
  for (const other of [
    "PUT / HTTP/1.1\r\n\r\n",
    "PRI * HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r",
    "\0",
  ])
    assert.equal(isPreface(Buffer.from(other)), "no");
});
