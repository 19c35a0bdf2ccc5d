/** What one slab holds. bpf/records.h has no record that is larger; native/slabs.h has the same number. */
export const slabBytes = 1024 * 1024;

/**
 * The memory in which captured bytes lie, where the drain's thread has put them: nothing is copied out of it to be kept.
 * Whoever keeps a byte holds its slab, and a slab that nobody holds is given back at once. A place in it is an offset
 * from its beginning.
 */
export class Slabs {
  readonly bytes: Buffer;
  readonly count: number;
  /** Slabs that are written, but not read through yet; whoever reads keeps the number. */
  unread = 0;
  readonly #holders: Int32Array;
  readonly #giveBack: (slab: number) => void;
  #held = 0;

  /** `giveBack` is told of each slab that nobody holds any more. */
  constructor(bytes: Uint8Array, giveBack: (slab: number) => void) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.count = Math.floor(bytes.length / slabBytes);
    this.#holders = new Int32Array(this.count);
    this.#giveBack = giveBack;
  }

  /** Slabs that somebody holds. */
  get held(): number {
    return this.#held;
  }

  /** Slabs that are neither held nor unread. */
  get free(): number {
    return this.count - this.#held - this.unread;
  }

  /** So few are free that nothing more should be held that needn't. */
  get areShort(): boolean {
    return this.free * 8 < this.count;
  }

  /** Keeps the slab of the byte at `at` until as many calls of `release`. */
  hold(at: number): void {
    const slab = slabOf(at);
    if (this.#holders[slab] === 0) this.#held++;
    this.#holders[slab]!++;
  }

  release(at: number): void {
    const slab = slabOf(at);
    this.#holders[slab]!--;
    if (this.#holders[slab] !== 0) return;
    this.#held--;
    this.#giveBack(slab);
  }

  /** `length` bytes at `at`; a view, true only as long as the slab is held. */
  view(at: number, length: number): Buffer {
    return this.bytes.subarray(at, at + length);
  }
}

/** 2 GiB of memory at most: an offset is a small number. */
function slabOf(at: number): number {
  return at >>> 20;
}
