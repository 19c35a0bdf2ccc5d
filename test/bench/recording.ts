/** Traffic as a Go server's calls would make it, for measurements without a kernel. No two heads are alike. */
import { randomBytes } from "node:crypto";
import type { Direction } from "../../helper/stream/segment.ts";

/** Bytes that a call moved, as one record of the ring has them. */
export interface Move {
  connection: number;
  direction: Direction;
  /** Milliseconds. */
  time: number;
  /** TCP's number of its first byte. */
  seq: number;
  /** Where its bytes lie in the recording's memory. */
  at: number;
  length: number;
  /** The call's last record: the range that it moved. */
  call?: { seq: number; length: number };
}

export interface Recording {
  memory: Uint8Array;
  moves: Move[];
  connections: number;
  exchanges: number;
}

const connections = 16;
/** Most of a call's bytes that one record holds. */
const largestRecord = 16_384;
const block = randomBytes(1 << 20);

/** `bodySize` of the response of each exchange. */
export function record(exchanges: number, bodySize: (exchange: number) => number): Recording {
  const recorder = new Recorder();
  for (let i = 0; i < exchanges; i++) {
    const connection = i % connections;
    const request =
      `GET /items/${i}?session=${(i * 2654435761) >>> 0} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n` +
      `User-Agent: bench/1.0\r\nAccept: */*\r\nX-Request-Id: ${id(i)}\r\n\r\n`;
    const size = bodySize(i);
    const head =
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: ${id(i)}\r\n` +
      `Date: ${new Date(1.7e12 + i * 1000).toUTCString()}\r\nContent-Length: ${size}\r\n\r\n`;
    // Go reads one byte of the next request while it waits for it.
    recorder.call(connection, "in", Buffer.from(request.slice(0, 1)));
    recorder.call(connection, "in", Buffer.from(request.slice(1)));
    recorder.call(connection, "out", Buffer.from(head));
    if (size > 0) {
      const from = (i * 4099) % (block.length - size);
      recorder.call(connection, "out", block.subarray(from, from + size));
    }
  }
  return { memory: recorder.memory(), moves: recorder.moves, connections, exchanges };
}

function id(exchange: number): string {
  return ((exchange * 2654435761) >>> 0).toString(16).padStart(8, "0").repeat(4);
}

class Recorder {
  readonly moves: Move[] = [];
  readonly #parts: Uint8Array[] = [];
  readonly #next = new Map<string, number>();
  #at = 0;

  /** One system call, in as many records as it takes. */
  call(connection: number, direction: Direction, bytes: Uint8Array): void {
    const key = `${connection} ${direction}`;
    const first = this.#next.get(key) ?? 1;
    for (let from = 0; from < bytes.length; from += largestRecord) {
      const length = Math.min(largestRecord, bytes.length - from);
      const last = from + length === bytes.length;
      this.moves.push({
        ...{ connection, direction, time: this.moves.length / 50, seq: first + from, at: this.#at, length },
        ...(last && { call: { seq: first, length: bytes.length } }),
      });
      this.#at += length;
    }
    this.#parts.push(bytes);
    this.#next.set(key, first + bytes.length);
  }

  memory(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
