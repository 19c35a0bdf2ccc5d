/** The beginning of something whose rest is to come. Grows by doubling, so that bytes may come one by one. */
export class Partial {
  /** May be set to less: forgets what is beyond. */
  length = 0;
  #buffer = Buffer.alloc(0);

  /** Only valid until the next `append`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.length);
    this.length = length;
  }
}
