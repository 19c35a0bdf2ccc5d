/** Smaller buffers are cheap enough as they are. */
const smallest = 4096;
const largest = 1024 * 1024;
const maxFree = 32 * 1024 * 1024;

/**
 * Buffers used again: fresh memory for each body would cost more than all else that is done with it.
 * Sizes are rounded up by at most a quarter, so that one body's buffer fits the next.
 */
export class BufferPool {
  readonly #free = new Map<number, Uint8Array[]>();
  #freeBytes = 0;

  /** At least `size` bytes, of any content. */
  take(size: number): Uint8Array {
    if (size < smallest || size > largest) return Buffer.allocUnsafe(size);
    const step = 2 ** (29 - Math.clz32(size));
    const rounded = Math.ceil(size / step) * step;
    const buffer = this.#free.get(rounded)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(rounded);
    this.#freeBytes -= rounded;
    return buffer;
  }

  /** Gives back a whole buffer that `take` gave; nothing may refer to it any more. */
  give(buffer: Uint8Array): void {
    const size = buffer.length;
    if (size < smallest || size > largest || this.#freeBytes + size > maxFree) return;
    const same = this.#free.get(size);
    if (same === undefined) this.#free.set(size, [buffer]);
    else same.push(buffer);
    this.#freeBytes += size;
  }
}
