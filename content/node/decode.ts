/**
 * Takes the content codings off a body. It is Node's part of this room: a browser has neither br nor zstd, both clients are
 * Node, and there it runs beside the thread that asks. The page is handed what comes out.
 */
import type { Decoded, Stop } from "../../protocol/content.ts";
import { decompress, Stopped, whyUnknown } from "./decompression.ts";

export interface Limits {
  /** Of the content. */
  bytes: number;
  milliseconds: number;
}

/** What a person looks at, or an export takes, of one body: a bomb costs no more. */
export const usualLimits: Limits = { bytes: 16 * 1024 * 1024, milliseconds: 5000 };

/** What a fault in a piece makes of the piece's beginning is lost with it. */
const pieceSize = 16 * 1024;
/** Encoded bytes up to which, after a fault, it is tried byte by byte what came before the fault. */
const shortSize = 32 * 1024;

/**
 * `codings`: in the order in which they were put on. `encoded` begins the body's bytes anew at each call. Never rejects
 * but as `encoded` does.
 */
export async function decode(
  codings: readonly string[],
  encoded: () => AsyncIterable<Uint8Array>,
  limits: Limits = usualLimits,
): Promise<Decoded> {
  const unknown = codings.findLastIndex((coding) => whyUnknown(coding) !== undefined);
  const why = unknown >= 0 ? whyUnknown(codings[unknown]!) : undefined;
  const known = codings.slice(unknown + 1);
  const decoding = new Decoding(known, encoded, limits);
  let decoded = await decoding.run(pieceSize);
  if (decoded.stop?.kind === "corrupt" && decoding.taken <= shortSize) decoded = await decoding.run(1);
  return why !== undefined && decoded.stop === undefined ? { ...decoded, stop: why } : decoded;
}

class Decoding {
  /** Encoded bytes that went in. */
  taken = 0;
  readonly #codings: readonly string[];
  readonly #encoded: () => AsyncIterable<Uint8Array>;
  readonly #limits: Limits;
  readonly #deadline: number;

  constructor(codings: readonly string[], encoded: () => AsyncIterable<Uint8Array>, limits: Limits) {
    this.#codings = codings;
    this.#encoded = encoded;
    this.#limits = limits;
    this.#deadline = performance.now() + limits.milliseconds;
  }

  async run(piece: number): Promise<Decoded> {
    this.taken = 0;
    let stream: AsyncIterable<Uint8Array> = this.#count(this.#encoded());
    for (const coding of this.#codings.toReversed()) stream = decompress(coding, cut(stream, piece));
    const chunks: Uint8Array[] = [];
    const stop = await this.#gather(stream, chunks);
    return { bytes: Buffer.concat(chunks), ...(stop && { stop }) };
  }

  async #gather(stream: AsyncIterable<Uint8Array>, chunks: Uint8Array[]): Promise<Stop | undefined> {
    const { bytes, milliseconds } = this.#limits;
    let room = bytes;
    try {
      for await (const chunk of stream) {
        chunks.push(chunk.subarray(0, room));
        if (chunk.length > room) return { kind: "limit", bytes };
        room -= chunk.length;
        if (performance.now() > this.#deadline) return { kind: "time", milliseconds };
      }
      return undefined;
    } catch (error) {
      if (error instanceof Stopped) return error.stop;
      throw error;
    }
  }

  async *#count(encoded: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { milliseconds } = this.#limits;
    for await (const bytes of encoded) {
      // Encoded bytes need not stand for any content.
      if (performance.now() > this.#deadline) throw new Stopped({ kind: "time", milliseconds });
      this.taken += bytes.length;
      yield bytes;
    }
  }
}

async function* cut(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  for await (const bytes of stream)
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
