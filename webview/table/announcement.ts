/** What the filter lets through is heard once typing rests; rows that arrive are not. */
import type { TableUpdate } from "../../protocol/table.ts";
import { saidText } from "./texts.ts";

/** Milliseconds. */
const rest = 700;

export class Announcement {
  text = "";
  readonly #changed: () => void;
  #filter = "";
  #latest: TableUpdate | undefined;
  #timer: number | undefined;

  /** `changed`: there is another text. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  take(update: TableUpdate): void {
    this.#latest = update;
    if (update.filter.text === this.#filter) return;
    this.#filter = update.filter.text;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#say(), rest);
  }

  #say(): void {
    if (this.#latest === undefined) return;
    this.text = saidText(this.#latest);
    this.#changed();
  }
}
