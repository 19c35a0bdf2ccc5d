/** Measures in the window how old a response is when its row comes on screen. Targets end in `/N?at=<Unix time in ms>`. */
import type { Page } from "playwright-core";

interface Seen {
  /** Milliseconds, one for each row that was seen. */
  ages: number[];
  /** The highest N. */
  newest: number;
}

export class RowClock {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async start(): Promise<void> {
    await this.#page.evaluate(watch);
  }

  async stop(): Promise<Seen> {
    return this.#page.evaluate<Seen>("stopRowClock()");
  }
}

/** Runs in the window, whose types aren't ours: at each frame it looks at the rows that are there. */
const watch = `{
  const ages = new Map();
  const began = Date.now();
  let running = true;
  const look = () => {
    for (const row of document.querySelectorAll(".pane-body .monaco-list-row")) {
      const found = /\\/(\\d+)\\?at=(\\d{13})/.exec(row.ariaLabel);
      if (found === null || Number(found[2]) < began || ages.has(Number(found[1]))) continue;
      ages.set(Number(found[1]), Date.now() - Number(found[2]));
    }
    if (running) requestAnimationFrame(look);
  };
  look();
  globalThis.stopRowClock = () => {
    running = false;
    return { ages: [...ages.values()], newest: Math.max(...ages.keys()) };
  };
}`;
