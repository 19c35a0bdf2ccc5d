const nothing = Buffer.alloc(0);

/** The beginning of something whose rest is to come. Grows by doubling, so that bytes may come one by one. */
export class Partial {
  /** May be set to less: forgets what is beyond. */
  length = 0;
  #buffer: Buffer = nothing;

  /** Only valid until the next `append`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** The bytes `[start, end)` of `bytes`. */
  append(bytes: Buffer, start = 0, end = bytes.length): void {
    const length = this.length + end - start;
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.length, start, end);
    this.length = length;
  }
}
