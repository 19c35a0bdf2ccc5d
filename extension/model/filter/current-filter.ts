/** The window's filter: one for the tree and the table, and for all that is captured or open. */
import type { ExchangeRow } from "../exchange-row.ts";
import { Listeners } from "../listeners.ts";
import { Answers, type Finder } from "./answers.ts";
import { noFilter, parseFilter, type Filter } from "./filter.ts";

/** Where its text outlives the window, as VS Code's `Memento` does. */
export interface Keeper {
  get(key: string): unknown;
  update(key: string, value: string): void;
}

const keptAs = "filter";

export class CurrentFilter {
  readonly #keeper: Keeper;
  readonly #answers: Answers;
  readonly #listeners = new Listeners<void>();
  #filter: Filter = noFilter;

  constructor(keeper: Keeper, finder: Finder) {
    this.#keeper = keeper;
    this.#answers = new Answers(finder);
    const kept = keeper.get(keptAs);
    if (typeof kept === "string") this.#filter = parseFilter(kept);
  }

  get filter(): Filter {
    return this.#filter;
  }

  /** It may hide something. */
  get isOn(): boolean {
    return this.#filter.words !== "";
  }

  /** Rows that are still being looked into. */
  get open(): number {
    return this.#answers.open;
  }

  /** Why something could not be looked for, in words. */
  get problem(): string | undefined {
    return this.#answers.problem;
  }

  /** Of a row as it is now; bound, for lists. */
  readonly passes = (row: ExchangeRow): boolean =>
    this.#filter.passes(row, (question, asked) => this.#answers.of(question, asked));

  set(text: string): void {
    if (text === this.#filter.text) return;
    this.#answers.reset();
    this.#filter = parseFilter(text);
    this.#keeper.update(keptAs, text);
    this.#listeners.fire();
  }

  /** Another filter was typed. */
  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** Of these rows is known now whether they pass. */
  onAnswer(listener: (rows: readonly ExchangeRow[]) => void): { dispose(): void } {
    return this.#answers.onAnswer(listener);
  }

  /** They changed, or went: what was found in them isn't true any more. */
  forget(rows: Iterable<ExchangeRow>): void {
    if (this.#filter.questions.length > 0) this.#answers.forget([...rows].map(({ key }) => key));
  }
}
