const blockBytes = 64 * 1024;

/**
 * Memory for what is copied out of the slabs. Copies share blocks, as each piece of memory has its price; a block lives as
 * long as somebody refers to it.
 */
export class Copies {
  /** Bytes taken, and not given back. */
  held = 0;
  #block = Buffer.alloc(0);
  #used = 0;

  /** Room for `length` bytes, no more than a block has. */
  take(length: number): { block: Buffer; at: number } {
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.alloc(blockBytes);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    this.held += length;
    return { block: this.#block, at };
  }

  giveBack(length: number): void {
    this.held -= length;
  }
}
