/** The bytes of one body, fetched by need and kept in chunks. Missing bytes are zero; the extents say which. */
import { clip, extentsOf, type Extent, type KnownBody } from "./extents.ts";

const chunkSize = 256 * 1024;
/** In bytes: pictures and digests, which take a body whole, go no further. */
export const wholeLimit = 16 * 1024 * 1024;

interface Chunk {
  bytes: Uint8Array;
  /** What was known of these bytes when they were fetched: if that has changed, so may they have. */
  knowledge: string;
}

export class BodyBytes {
  readonly #fetch: (start: number, end: number) => Promise<Uint8Array>;
  readonly #chunks = new Map<number, Chunk>();
  #body: KnownBody;
  #extents: Extent[];

  constructor(body: KnownBody, fetch: (start: number, end: number) => Promise<Uint8Array>) {
    this.#body = body;
    this.#extents = extentsOf(body);
    this.#fetch = fetch;
  }

  /** As it is known now. */
  get body(): KnownBody {
    return this.#body;
  }

  get extents(): Extent[] {
    return this.#extents;
  }

  get isWhole(): boolean {
    return this.#body.end === "complete" && this.#body.missing.length === 0;
  }

  /** Takes newer knowledge of the same body. */
  update(body: KnownBody): void {
    this.#body = body;
    this.#extents = extentsOf(body);
  }

  /** Bytes from the beginning up to the first that is missing, and no more than `most`. */
  async beginning(most: number): Promise<Uint8Array> {
    return this.read(0, Math.min(this.#body.missing[0]?.start ?? this.#body.size, most));
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
    const { size } = this.#body;
    for (let index = first; index <= last; index++) {
      const start = index * chunkSize + this.#valid(index);
      if (start >= Math.min((index + 1) * chunkSize, size)) continue;
      let after = index + 1;
      while (after <= last && this.#valid(after) === 0) after++;
      // What is known may change while the answer is on its way: what was asked for is what was known then.
      const extents = this.#extents;
      const bytes = await this.#fetch(start, Math.min(after * chunkSize, size));
      for (; index < after; index++) this.#keep(index, start, bytes, extents);
      index--;
    }
  }

  /** Bytes at the chunk's beginning that are there, and as true as when they came. */
  #valid(index: number): number {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) return 0;
    return chunk.knowledge === knowledge(this.#extents, index, chunk.bytes.length) ? chunk.bytes.length : 0;
  }

  /** Adds to a chunk what of `bytes`, which begin at `start`, belongs to it. */
  #keep(index: number, start: number, bytes: Uint8Array, extents: Extent[]): void {
    const from = index * chunkSize;
    const before = this.#chunks.get(index)?.bytes.subarray(0, Math.max(0, start - from));
    const added = bytes.subarray(Math.max(0, from - start), Math.max(0, from + chunkSize - start));
    const all = new Uint8Array((before?.length ?? 0) + added.length);
    if (before !== undefined) all.set(before);
    all.set(added, before?.length ?? 0);
    this.#chunks.set(index, { bytes: all, knowledge: knowledge(extents, index, all.length) });
  }
}

function knowledge(extents: Extent[], index: number, length: number): string {
  const from = index * chunkSize;
  return JSON.stringify(clip(extents, from, from + length));
}
