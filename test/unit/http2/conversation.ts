/** What both sides of an HTTP/2 connection say, without compression. */
import { preface } from "../../../helper/http2/preface.ts";
import { Script } from "../http/script.ts";
import { frame } from "./frames.ts";

export const endHeaders = 0x4;
export const endStream = 0x1;

export function field(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.of(0, name.length),
    Buffer.from(name),
    Buffer.of(value.length),
    Buffer.from(value),
  ]);
}

export function request(
  stream: number,
  path: string,
  flags = endStream,
  ...fields: [string, string][]
): Buffer {
  const first = Buffer.concat([
    Buffer.from([0x82, 0x86]),
    field(":path", path),
    field(":authority", "example.test"),
  ]);
  const rest = fields.map(([name, value]) => field(name, value));
  return frame("headers", endHeaders | flags, stream, Buffer.concat([first, ...rest]));
}

export function response(stream: number, flags = 0, ...fields: [string, string][]): Buffer {
  const rest = fields.map(([name, value]) => field(name, value));
  return frame("headers", endHeaders | flags, stream, Buffer.concat([Buffer.of(0x88), ...rest]));
}

export function data(stream: number, bytes: string, flags = 0): Buffer {
  return frame("data", flags, stream, bytes);
}

export const settings = frame("settings", 0, 0, "\0\x03\0\0\0\x64");
export const ack = frame("settings", 1, 0);

/** A connection on which nothing but the settings was said. */
export function begun(): Script {
  return new Script(1, { in: 1000, out: 5000 }, "server")
    .read(Buffer.concat([preface, settings]))
    .write(Buffer.concat([settings, ack]))
    .read(ack);
}
