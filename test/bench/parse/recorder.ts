/** Traffic as a server's calls move it, for measurements without a kernel. */
import type { Call, Direction } from "../../../helper/stream/segment.ts";

/** Bytes that a call moved, as one record of the ring has them. */
export interface Move {
  connection: number;
  direction: Direction;
  /** Milliseconds. */
  time: number;
  /** TCP's number of its first byte. */
  seq: number;
  /** Where the other direction stood. */
  other: number;
  /** Where its bytes lie in the recording's memory. */
  at: number;
  length: number;
  /** The call's last record: the range that it moved. */
  call: Call | undefined;
  /** Its connection is closed next. */
  isLast: boolean;
}

export interface Recording {
  memory: Uint8Array;
  moves: readonly Move[];
  connections: number;
  exchanges: number;
  /** Of the responses' bodies. */
  bodyBytes: number;
}

/** Most of a call's bytes that one record holds. */
const largestRecord = 16_384;

export class Recorder {
  readonly #moves: Move[] = [];
  readonly #parts: Uint8Array[] = [];
  /** Next sequence numbers, by connection. */
  readonly #numbers: Record<Direction, number>[];
  #at = 0;

  constructor(connections: number) {
    this.#numbers = Array.from({ length: connections }, () => ({ in: 1, out: 1 }));
  }

  /** One system call, in as many records as it takes. */
  call(connection: number, direction: Direction, bytes: Uint8Array): void {
    const numbers = this.#numbers[connection]!;
    const first = numbers[direction];
    const other = numbers[direction === "in" ? "out" : "in"];
    for (let from = 0; from < bytes.length; from += largestRecord) {
      const length = Math.min(largestRecord, bytes.length - from);
      const isEnd = from + length === bytes.length;
      const call: Call = { seq: first, length: bytes.length, reason: "ring-full" };
      this.#moves.push({
        ...{
          connection,
          direction,
          time: this.#moves.length / 50,
          seq: first + from,
          other,
          at: this.#at,
          length,
        },
        ...{ call: isEnd ? call : undefined, isLast: false },
      });
      this.#at += length;
    }
    this.#parts.push(bytes);
    numbers[direction] += bytes.length;
  }

  finish(exchanges: number, bodyBytes: number): Recording {
    for (const move of new Map(this.#moves.map((each) => [each.connection, each])).values())
      move.isLast = true;
    const memory = Buffer.concat(this.#parts);
    return { memory, moves: this.#moves, connections: this.#numbers.length, exchanges, bodyBytes };
  }
}

/** Another for each number below 2^32. */
export function uniqueId(number: number): string {
  return ((number * 2654435761) >>> 0).toString(16).padStart(8, "0").repeat(4);
}
