/** Values of one message that are read: each takes a hundred times the room of its bytes, and most of so many nobody sees. */
const mostValues = 100_000;

/** A message has more values than are read. */
export class TooManyValues extends Error {
  constructor() {
    super(`more than ${mostValues.toLocaleString("en-US")} values`);
  }
}

/** How many may still be read. */
export class Budget {
  #left: number;

  constructor(values = mostValues) {
    this.#left = values;
  }

  /** Throws TooManyValues. */
  spend(values: number): void {
    this.#left -= values;
    if (this.#left < 0) throw new TooManyValues();
  }
}
