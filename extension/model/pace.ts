/**
 * When a tree may say that it has changed. VS Code waits for 200 ms without another word before it takes one that came
 * soon after the last: a tree that speaks up every 100 ms stays frozen until it is silent. And it asks for every row anew.
 */

/** Least time between VS Code's asking and our next word; and while rows come in a flood, which no eye follows. */
const least = 280;
const calm = 1000;
/** Rows within `least` that make a flood: a screenful. */
const flood = 28;
/** VS Code doesn't ask while it shows another view. */
const patience = 2000;

/** All times in milliseconds on one clock. */
export class Pace {
  #told = -Infinity;
  #asked = -Infinity;
  #arrived = 0;

  /** So many rows came. */
  arrive(rows: number): void {
    this.#arrived += rows;
  }

  /** VS Code was told of a change; `asks`: it will ask for the rows. */
  tell(now: number, asks: boolean): void {
    this.#told = now;
    if (!asks) this.#asked = now;
    this.#arrived = 0;
  }

  /** VS Code asked for the rows. */
  ask(now: number): void {
    this.#asked = now;
  }

  /** How long to wait at least before the next word; 0: now is the time. To be asked again after so long. */
  wait(now: number): number {
    if (this.#asked < this.#told) return Math.max(0, this.#told + patience - now);
    const passed = now - this.#asked;
    if (passed < least) return least - passed;
    const flooded = this.#arrived >= flood;
    this.#arrived = 0;
    return flooded ? Math.max(0, Math.min(least, calm - passed)) : 0;
  }
}
