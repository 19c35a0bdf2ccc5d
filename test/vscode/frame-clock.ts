/** Measures how late the machine itself is, with no Tinytap between: from this process to a frame of an empty page. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";

/** Milliseconds between two frames. */
const interval = 50;

export class FrameClock {
  readonly #page: Page;
  readonly #ages: number[] = [];
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  private constructor(page: Page) {
    this.#page = page;
    this.#running = this.#run();
  }

  /** Runs until `stop`, beside what is judged by it: load comes and goes. */
  static async start(browser: Browser): Promise<FrameClock> {
    return new FrameClock(await browser.newPage());
  }

  /** Milliseconds, one for each frame. */
  async stop(): Promise<number[]> {
    this.#ended.abort();
    await this.#running;
    await this.#page.close();
    return this.#ages;
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const asked = Date.now();
      this.#ages.push((await this.#page.evaluate<number>(frame)) - asked);
      await sleep(interval);
    }
  }
}

/** Runs in the page, whose types aren't ours. */
const frame = "new Promise((drawn) => requestAnimationFrame(() => drawn(Date.now())))";
