/** One decompression of Node's, piece by piece: what a piece gives is had before the next is put in. */
import zlib from "node:zlib";
import type { Stop } from "../../protocol/content.ts";

/** Ends a decoding. */
export class Stopped extends Error {
  readonly stop: Stop;

  constructor(stop: Stop) {
    super(stop.kind);
    this.stop = stop;
  }
}

type Stream = ReturnType<typeof zlib.createGunzip>;

/** Bytes that come out at a time. */
const chunkSize = 64 * 1024;

/** By the coding's name; `first`: the first byte of what is encoded. */
const streams: Record<string, (first: number) => Stream> = {
  gzip: () => zlib.createGunzip({ chunkSize }),
  "x-gzip": () => zlib.createGunzip({ chunkSize }),
  // Some servers leave zlib's head out, and browsers take both. With it the byte ends on 8; no encoder begins so without.
  deflate: (first) =>
    (first & 0xf) === 8 ? zlib.createInflate({ chunkSize }) : zlib.createInflateRaw({ chunkSize }),
  br: () => zlib.createBrotliDecompress({ chunkSize }),
  // Node 20 has none.
  ...("createZstdDecompress" in zlib && { zstd: () => zlib.createZstdDecompress({ chunkSize }) }),
};

/** Why the coding can't be taken off, if it can't. */
export function whyUnknown(coding: string): Stop | undefined {
  if (Object.hasOwn(streams, coding)) return undefined;
  return { kind: "unknown", coding, why: coding === "zstd" ? "node" : "name" };
}

/** Throws Stopped where the encoded bytes are cut or corrupt; whatever follows their end is left. */
export async function* decompress(
  coding: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let decompression: Decompression | undefined;
  try {
    for await (const piece of pieces) {
      let rest = piece;
      while (rest.length > 0) {
        decompression ??= new Decompression(coding, rest);
        yield* decompression.put(rest);
        if (!decompression.ended) break;
        // A zstd content may be several frames, of which Node takes one.
        if (coding !== "zstd") return;
        rest = rest.subarray(decompression.taken);
        decompression = undefined;
      }
    }
    if (decompression === undefined) throw new Stopped({ kind: "cut" });
    yield* decompression.end();
  } finally {
    decompression?.close();
  }
}

class Decompression {
  /** The encoding's end came. */
  ended = false;
  /** Bytes of the last piece that belonged to the encoding. */
  taken = 0;
  readonly #coding: string;
  readonly #stream: Stream;
  #wake = () => {};
  #error: NodeJS.ErrnoException | undefined;

  constructor(coding: string, [first = 0]: Uint8Array) {
    this.#coding = coding;
    this.#stream = streams[coding]!(first);
    this.#stream.on("readable", () => this.#wake());
    this.#stream.on("error", (error) => this.#fail(error));
    this.#stream.on("end", () => this.#finish());
  }

  async *put(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    const before = this.#stream.bytesWritten;
    let isTaken = false;
    this.#stream.write(piece, (error) => {
      if (error) this.#fail(error);
      isTaken = true;
      this.#wake();
    });
    yield* this.#read(() => isTaken);
    this.taken = this.#stream.bytesWritten - before;
    if (this.taken < piece.length) this.ended = true;
  }

  async *end(): AsyncGenerator<Uint8Array> {
    this.#stream.end();
    yield* this.#read(() => false);
  }

  close(): void {
    this.#stream.destroy();
  }

  async *#read(isDone: () => boolean): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk !== null) yield chunk;
      else if (this.#error !== undefined) throw new Stopped(stopOf(this.#error, this.#coding));
      else if (this.ended || isDone()) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#error ??= error;
    this.#wake();
  }

  #finish(): void {
    this.ended = true;
    this.#wake();
  }
}

function stopOf({ code, message }: NodeJS.ErrnoException, coding: string): Stop {
  return code === "Z_BUF_ERROR" ? { kind: "cut" } : { kind: "corrupt", coding, message };
}
