/** Measures in the window how long a key takes from the keyboard to the text that it writes on screen. */
import type { Page } from "playwright-core";

/** Milliseconds between two keys: a quick typist. */
const interval = 80;

export class EchoClock {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Types `count` keys into the editor that has the focus: milliseconds, one for each that was seen on screen. */
  async type(count: number): Promise<number[]> {
    await this.#page.evaluate(watch);
    for (let keys = 0; keys < count; keys++) {
      // A line that grows for ever would be slow by itself.
      await this.#page.keyboard.press(keys % 40 === 39 ? "Enter" : "x");
      await this.#page.waitForTimeout(interval);
    }
    return this.#page.evaluate<number[]>("stopEchoClock()");
  }
}

/** Runs in the window, whose types aren't ours. An event's time is when the browser got the key, however busy the page was. */
const watch = `{
  const ages = [];
  const listen = ({ timeStamp }) => {
    const seen = new MutationObserver(() => {
      seen.disconnect();
      requestAnimationFrame(() => ages.push(performance.now() - timeStamp));
    });
    const lines = document.querySelector(".editor-group-container.active .view-lines");
    seen.observe(lines, { childList: true, subtree: true, characterData: true });
  };
  document.addEventListener("keydown", listen, { capture: true });
  globalThis.stopEchoClock = () => {
    document.removeEventListener("keydown", listen, { capture: true });
    return ages;
  };
}`;
