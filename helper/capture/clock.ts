/** Milliseconds on the clock of the kernel's records (CLOCK_MONOTONIC), which stands while the machine is suspended. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Milliseconds between two looks at the wall clock. */
const interval = 1000;
/** Less is the clocks' own grain; more, and somebody has set the clock, or the machine was suspended. */
const grain = 5;

/** What makes Unix time of kernel time. */
export class WallClock {
  #offset = Date.now() - monotonicNow();
  #looked = monotonicNow();

  /** As it is now, in milliseconds. */
  get offset(): number {
    const now = monotonicNow();
    if (now - this.#looked < interval) return this.#offset;
    this.#looked = now;
    const offset = Date.now() - now;
    if (Math.abs(offset - this.#offset) > grain) this.#offset = offset;
    return this.#offset;
  }
}
