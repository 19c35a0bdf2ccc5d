/** The bytes of one body, fetched by need and kept in chunks. Missing bytes are zero; the extents say which. */
import type { Body } from "../protocol/exchange.ts";
import { clip, extentsOf } from "./extents.ts";

const chunkSize = 256 * 1024;

interface Chunk {
  bytes: Uint8Array;
  /** What was known of this chunk when it was fetched: if that has changed, so may its bytes have. */
  knowledge: string;
}

export class BodyBytes {
  readonly #fetch: (start: number, end: number) => Promise<Uint8Array>;
  readonly #chunks = new Map<number, Chunk>();
  #body: Body;

  constructor(body: Body, fetch: (start: number, end: number) => Promise<Uint8Array>) {
    this.#body = body;
    this.#fetch = fetch;
  }

  /** Takes newer knowledge of the same body. */
  update(body: Body): void {
    this.#body = body;
  }

  /** Bytes `[start, end)`, as far as the body goes. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const stop = Math.min(end, this.#body.size);
    if (start >= stop) return new Uint8Array(0);
    const first = Math.floor(start / chunkSize);
    const last = Math.floor((stop - 1) / chunkSize);
    await this.#bring(first, last);
    const result = new Uint8Array(stop - start);
    for (let index = first; index <= last; index++) {
      const from = index * chunkSize;
      const bytes = this.#chunks.get(index)?.bytes ?? new Uint8Array(0);
      const part = bytes.subarray(Math.max(0, start - from), Math.max(0, stop - from));
      result.set(part, Math.max(0, from - start));
    }
    return result;
  }

  /** Fetches what isn't there of the chunks `first` to `last`, in as few calls as there are runs. */
  async #bring(first: number, last: number): Promise<void> {
    const extents = extentsOf(this.#body);
    const { size } = this.#body;
    const knowledge = (index: number) => {
      const from = index * chunkSize;
      return JSON.stringify([Math.min(size - from, chunkSize), clip(extents, from, from + chunkSize)]);
    };
    for (let index = first; index <= last; index++) {
      if (this.#chunks.get(index)?.knowledge === knowledge(index)) continue;
      let after = index + 1;
      while (after <= last && this.#chunks.get(after)?.knowledge !== knowledge(after)) after++;
      const from = index * chunkSize;
      const wanted = Array.from({ length: after - index }, (_, i) => knowledge(index + i));
      const bytes = await this.#fetch(from, Math.min(after * chunkSize, size));
      for (const [i, known] of wanted.entries())
        this.#chunks.set(index + i, {
          bytes: bytes.subarray(i * chunkSize, (i + 1) * chunkSize),
          knowledge: known,
        });
      index = after - 1;
    }
  }
}
