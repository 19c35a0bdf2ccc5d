/** HTTP/1.1 as a Go server's calls would make it. No two heads are alike. */
import { randomBytes } from "node:crypto";
import { Recorder, uniqueId, type Recording } from "./recorder.ts";

/** Requests that are on their way at once, each on its connection. */
const concurrency = 16;
/** What Go collects before it writes: a head and a small body are one call. */
const writeBuffer = 4096;
/** What Go's io.Copy writes at a time. */
const copyBuffer = 32_768;
const random = randomBytes(2 << 20);

/** `bodySize`: of each response. `keepAlive`: otherwise each has a connection of its own. */
export function recordHttp1(exchanges: number, bodySize: number, keepAlive = true): Recording {
  const recorder = new Recorder(keepAlive ? concurrency : exchanges);
  for (let first = 0; first < exchanges; first += concurrency) {
    const numbers = Array.from({ length: Math.min(concurrency, exchanges - first) }, (_, i) => first + i);
    const connectionOf = (number: number) => (keepAlive ? number % concurrency : number);
    for (const number of numbers) ask(recorder, connectionOf(number), number);
    for (const number of numbers) answer(recorder, connectionOf(number), number, bodySize);
  }
  return recorder.finish(exchanges, exchanges * bodySize);
}

function ask(recorder: Recorder, connection: number, number: number): void {
  const request =
    `GET /items/${number}?session=${(number * 2654435761) >>> 0} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n` +
    `User-Agent: bench/1.0\r\nAccept: */*\r\nX-Request-Id: ${uniqueId(number)}\r\n\r\n`;
  // Go reads one byte of the next request while it answers the one before.
  recorder.call(connection, "in", Buffer.from(request.slice(0, 1)));
  recorder.call(connection, "in", Buffer.from(request.slice(1)));
}

function answer(recorder: Recorder, connection: number, number: number, bodySize: number): void {
  const head =
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: ${uniqueId(number)}\r\n` +
    `Date: ${new Date(1.7e12 + number * 1000).toUTCString()}\r\nContent-Length: ${bodySize}\r\n\r\n`;
  const from = (number * 4099) % (random.length - bodySize);
  const message = Buffer.concat([Buffer.from(head), random.subarray(from, from + bodySize)]);
  for (let at = 0; at < message.length;) {
    const end = at === 0 ? writeBuffer : at + copyBuffer;
    recorder.call(connection, "out", message.subarray(at, end));
    at = end;
  }
}
