import type { Arrival } from "../../protocol/exchange.ts";

/** Noted of one body, at most. */
const most = 1024;

/** When a body's bytes came: of many calls as finely as so few notes allow. */
export class Arrivals {
  /** Kernel milliseconds. */
  #notes: Arrival[];
  /** Milliseconds between two notes, at least. */
  #resolution = 0;

  /** The first bytes, from `start` on, came at `time`. */
  constructor(start: number, time: number) {
    this.#notes = [[start, time]];
  }

  /** Bytes from `start` on came at `time`. */
  note(start: number, time: number): void {
    const last = this.#notes.at(-1);
    if (last !== undefined && time - last[1] <= this.#resolution) return;
    this.#notes.push([start, time]);
    while (this.#notes.length > most) this.#thin();
  }

  get count(): number {
    return this.#notes.length;
  }

  /** `since`: kernel milliseconds from which the times are counted. */
  since(since: number): Arrival[] {
    return this.#notes.map(([start, time]) => [start, Math.max(time - since, 0)]);
  }

  #thin(): void {
    this.#resolution = Math.max(1, 2 * this.#resolution);
    let kept = -Infinity;
    this.#notes = this.#notes.filter(([, time]) => {
      if (time - kept <= this.#resolution) return false;
      kept = time;
      return true;
    });
  }
}
