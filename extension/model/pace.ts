/**
 * When a tree may say that it has changed. VS Code waits for 200 ms without another word before it takes one that came
 * soon after the last: a tree that speaks up every 100 ms stays frozen until it is silent. And it asks for every row anew.
 */

/** Least time between VS Code's asking and our next word; and while rows come in a flood, which no eye follows. */
const least = 250;
const calm = 1000;
/** Rows within `least` that make a flood: a screenful. */
const flood = 28;
/** VS Code doesn't ask while it shows another view. */
const patience = 2000;

/** All times in milliseconds on one clock. */
export class Pace {
  #told = -Infinity;
  #asked = -Infinity;
  /** Rows that had come at the last look. */
  #seen = 0;

  /** VS Code was told, and has not asked yet. */
  get isAwaited(): boolean {
    return this.#asked < this.#told;
  }

  /** VS Code was told of a change; `asks`: it will ask for the rows. */
  tell(now: number, asks: boolean): void {
    this.#told = now;
    if (!asks) this.ask(now);
  }

  /** VS Code asked for the rows. */
  ask(now: number): void {
    this.#asked = now;
    this.#seen = 0;
  }

  /** How long to wait, and then look again; 0: now is the time. `fresh`: rows that have come since VS Code asked. */
  wait(now: number, fresh: number): number {
    if (this.isAwaited) return Math.max(0, this.#told + patience - now);
    const passed = now - this.#asked;
    if (passed < least) return least - passed;
    const flooded = fresh - this.#seen >= flood;
    this.#seen = fresh;
    return flooded ? Math.max(0, Math.min(least, calm - passed)) : 0;
  }
}
