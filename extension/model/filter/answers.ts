/**
 * What of a filter rows don't tell, and somebody must look for: has it this header, is that in a body. Answers come late,
 * and in any order; of what is in flight they are true only as far as it had come.
 */
import type { ExchangeRow } from "../exchange-row.ts";
import { Listeners } from "../listeners.ts";
import { messageOf } from "../message-of.ts";
import type { ExchangeKey } from "../run.ts";
import type { Question } from "./conditions.ts";

/** Whoever can look into heads and bodies. */
export interface Finder {
  /** Rejects, with words for a person, where nothing can be told. */
  find(question: Question, keys: readonly ExchangeKey[], signal: AbortSignal): Promise<Findings>;
}

export interface Findings {
  /** Of those that were asked for the ones to which it applies. */
  keys: ExchangeKey[];
  /** Where, or how far, it could not be told: for a person. */
  problems: string[];
}

/** Rows of one question to a finder: so many as are answered soon. */
const mostAsked = 500;

export class Answers {
  readonly #finder: Finder;
  readonly #known = new Map<Question, Map<ExchangeKey, boolean>>();
  readonly #unasked = new Map<Question, Map<ExchangeKey, ExchangeRow>>();
  readonly #listeners = new Listeners<readonly ExchangeRow[]>();
  #ended = new AbortController();
  #asking = false;
  readonly #problems = new Set<string>();

  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** Rows that are being looked into, or are to be. */
  get open(): number {
    let open = 0;
    for (const rows of this.#unasked.values()) open += rows.size;
    return open;
  }

  /** Why something could not be told, in words. */
  get problem(): string | undefined {
    return this.#problems.size > 0 ? [...this.#problems].join("; ") : undefined;
  }

  /** What is not known is asked for, and told to listeners. */
  of(question: Question, row: ExchangeRow): boolean | undefined {
    const { key } = row;
    const known = this.#known.get(question)?.get(key);
    if (known === undefined) {
      setDefault(this.#unasked, question).set(key, row);
      this.#ask();
    }
    return known;
  }

  /** Forgets all: another filter has other questions. */
  reset(): void {
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#known.clear();
    this.#unasked.clear();
    this.#problems.clear();
  }

  /** These have changed since they were looked into, or gone. */
  forget(keys: Iterable<ExchangeKey>): void {
    if (this.#known.size === 0 && this.#unasked.size === 0) return;
    for (const key of keys)
      for (const map of [...this.#known.values(), ...this.#unasked.values()]) map.delete(key);
  }

  onAnswer(listener: (rows: readonly ExchangeRow[]) => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** One question at a time, its newest rows first; in a turn of its own, so that a list asks for all its rows at once. */
  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    queueMicrotask(() => void this.#askOn());
  }

  async #askOn(): Promise<void> {
    for (;;) {
      const [question, open] = [...this.#unasked].find(([, rows]) => rows.size > 0) ?? [];
      if (question === undefined || open === undefined) break;
      const rows = [...open.values()].slice(-mostAsked);
      const { signal } = this.#ended;
      const found = await this.#find(question, rows, signal);
      if (signal.aborted) continue;
      const known = setDefault(this.#known, question);
      for (const row of rows) {
        // What changed meanwhile is asked for again.
        if (open.get(row.key) !== row) continue;
        open.delete(row.key);
        known.set(row.key, found.has(row.key));
      }
      this.#listeners.fire(rows);
    }
    this.#asking = false;
  }

  async #find(
    question: Question,
    rows: readonly ExchangeRow[],
    signal: AbortSignal,
  ): Promise<Set<ExchangeKey>> {
    const keys = rows.map(({ key }) => key);
    try {
      const findings = await this.#finder.find(question, keys, signal);
      if (!signal.aborted) for (const problem of findings.problems) this.#problems.add(problem);
      return new Set(findings.keys);
    } catch (error) {
      if (!signal.aborted) this.#problems.add(messageOf(error));
      return new Set();
    }
  }
}

function setDefault<V>(map: Map<Question, Map<ExchangeKey, V>>, question: Question): Map<ExchangeKey, V> {
  let inner = map.get(question);
  if (inner === undefined) map.set(question, (inner = new Map()));
  return inner;
}
