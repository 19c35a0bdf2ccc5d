import type { Arrival } from "../../protocol/exchange.ts";

/** Noted of one body, at most. */
const most = 1024;

/** When a body's bytes came, in kernel milliseconds: of many calls as finely as so few notes allow. */
export class Arrivals {
  readonly #start: number;
  readonly #time: number;
  /** What was noted after the first bytes: of most bodies nothing. */
  #later: Arrival[] | undefined;
  /** Milliseconds between two notes, at least. */
  #resolution = 0;

  /** The first bytes, from `start` on, came at `time`. */
  constructor(start: number, time: number) {
    this.#start = start;
    this.#time = time;
  }

  /** Bytes from `start` on came at `time`. */
  note(start: number, time: number): void {
    const later = (this.#later ??= []);
    const last = later.at(-1)?.[1] ?? this.#time;
    if (time - last <= this.#resolution) return;
    later.push([start, time]);
    while (this.count > most) this.#thin();
  }

  get count(): number {
    return 1 + (this.#later?.length ?? 0);
  }

  /** `since`: kernel milliseconds from which the times are counted. */
  since(since: number): Arrival[] {
    const all: Arrival[] = [[this.#start, this.#time], ...(this.#later ?? [])];
    return all.map(([start, time]) => [start, Math.max(time - since, 0)]);
  }

  #thin(): void {
    this.#resolution = Math.max(1, 2 * this.#resolution);
    let kept = this.#time;
    this.#later = this.#later?.filter(([, time]) => {
      if (time - kept <= this.#resolution) return false;
      kept = time;
      return true;
    });
  }
}
