/** How often a crashed helper is started again without asking: a fault that recurs at once must not loop. */
export class RestartPolicy {
  readonly #limit: number;
  readonly #windowMs: number;
  #restarts: number[] = [];

  constructor(limit = 3, windowMs = 3 * 60_000) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Whether a restart at `now` (milliseconds) is within the limit; if so, it counts. */
  allow(now: number): boolean {
    this.#restarts = this.#restarts.filter((time) => now - time < this.#windowMs);
    if (this.#restarts.length >= this.#limit) return false;
    this.#restarts.push(now);
    return true;
  }
}
