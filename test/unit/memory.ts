/** Slabs of memory, filled as the drain's thread does it; what was given back is overwritten at once. */
import assert from "node:assert/strict";
import { slabBytes, Slabs } from "../../helper/memory/slabs.ts";

export class TestMemory {
  readonly slabs: Slabs;
  readonly #free: number[];
  /** Bytes written of each slab. */
  readonly #written: number[];
  /** The slab at hand. */
  #base: number | undefined;
  #offset = 0;
  /** It is held by what was appended last. */
  #held = false;

  /** `shared`: with threads. Of such memory the garbage is collected late. */
  constructor(count = 16, shared = false) {
    const size = count * slabBytes;
    this.#free = Array.from({ length: count }, (_, i) => i);
    this.#written = this.#free.map(() => 0);
    const buffer = shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size);
    this.slabs = new Slabs(new Uint8Array(buffer), (slab) => {
      this.slabs.view(slab * slabBytes, this.#written[slab]!).fill(0xee);
      this.#free.push(slab);
      if (slab * slabBytes === this.#base) this.#base = undefined;
    });
  }

  /** Gives where the bytes lie now. They stay as long as their slab is held. */
  append(bytes: Uint8Array): number {
    if (this.#base === undefined || this.#offset + bytes.length > slabBytes) this.#next();
    if (!this.#held) this.slabs.hold(this.#base!);
    this.#held = true;
    const at = this.#base! + this.#offset;
    this.slabs.bytes.set(bytes, at);
    this.#offset += bytes.length;
    this.#written[this.#base! / slabBytes] = this.#offset;
    return at;
  }

  /** Lets go of what was appended: what nobody holds is gone. */
  flush(): void {
    if (!this.#held) return;
    this.#held = false;
    this.slabs.release(this.#base!);
  }

  #next(): void {
    this.flush();
    const slab = this.#free.pop();
    assert.ok(slab !== undefined, "the slabs have run out");
    this.#base = slab * slabBytes;
    this.#offset = 0;
  }
}
