/**
 * Finds text in exchanges, from the newest to older ones. Its reader gives the exchanges and their bodies, wherever they lie;
 * time, bytes and hits are bounded, and the answer tells each bound that was met.
 */
import {
  addUnsearched,
  mostHits,
  mostHitsEach,
  nothingUnsearched,
  type Excerpt,
  type Hit,
  type SearchParams,
  type SearchResult,
} from "../protocol/search.ts";
import { runsWithin } from "./bounded.ts";
import { patternOf, type Pattern } from "./pattern.ts";
import { textsOf, type Searchable, type Texts } from "./texts.ts";

/** Milliseconds of a page; what was begun is brought to its end. */
const pageTime = 500;
/** Milliseconds for the texts that are matched at once. */
const matchTime = 1000;
/** Characters of texts that are matched at once: to bound the time costs more than to match a short one. */
const batchSize = 256 * 1024;
/** Characters of an excerpt. */
const around = 60;
const longestMatch = 200;

/** One page. `exchanges`: those of `idsToSearch`, in its order, as far as they are kept. Rejects with a RangeError where the query is wrong. */
export async function search(
  params: SearchParams,
  exchanges: AsyncIterable<Searchable>,
  signal?: AbortSignal,
): Promise<SearchResult> {
  const page = new Page(patternOf(params.query), params.limit ?? mostHits);
  const deadline = performance.now() + pageTime;
  for await (const exchange of exchanges) {
    signal?.throwIfAborted();
    page.add(await textsOf(exchange, params.within));
    const isOver = performance.now() > deadline;
    if (isOver) page.match();
    if (isOver || page.isFull) return page.result(true);
  }
  page.match();
  return page.result(page.isFull);
}

class Page {
  readonly #pattern: Pattern;
  readonly #limit: number;
  readonly #hits: Hit[] = [];
  /** Those that are matched next. */
  #waiting: Texts[] = [];
  #characters = 0;
  #searched = 0;
  #unsearched = nothingUnsearched;
  /** The exchange that was searched last. */
  #last: number | undefined;
  #tooSlow: number | undefined;

  constructor(pattern: Pattern, limit: number) {
    this.#pattern = pattern;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#tooSlow !== undefined || this.#hits.length >= this.#limit;
  }

  add(exchange: Texts): void {
    this.#waiting.push(exchange);
    this.#characters += exchange.texts.reduce((sum, { text }) => sum + text.length, 0);
    if (this.#characters > batchSize) this.match();
  }

  match(): void {
    const waiting = this.#waiting.values();
    this.#waiting = [];
    this.#characters = 0;
    let current: number | undefined;
    const matchAll = () => {
      for (const exchange of waiting) {
        current = exchange.id;
        this.#matchOne(exchange);
        if (this.isFull) return;
      }
    };
    if (!this.#pattern.mayBacktrack) matchAll();
    else if (!runsWithin(matchTime, matchAll)) this.#tooSlow = current;
  }

  /** `mayGoOn`: there may be older exchanges. */
  result(mayGoOn: boolean): SearchResult {
    const goesOn = mayGoOn && this.#tooSlow === undefined && this.#last !== undefined;
    return {
      ...{ hits: this.#hits, searched: this.#searched, unsearched: this.#unsearched },
      ...(goesOn && { before: this.#last! }),
      ...(this.#tooSlow !== undefined && { tooSlow: this.#tooSlow }),
    };
  }

  #matchOne({ id, texts, unsearched }: Texts): void {
    let hits = 0;
    for (const { place, text } of texts) {
      const match = this.#pattern.expression.exec(text);
      if (match === null) continue;
      this.#hits.push({ ...place, offset: match.index, excerpt: excerptOf(text, match.index, match[0]) });
      if (++hits === mostHitsEach) break;
    }
    this.#last = id;
    this.#searched++;
    this.#unsearched = addUnsearched(this.#unsearched, unsearched);
  }
}

function excerptOf(text: string, offset: number, match: string): Excerpt {
  const end = offset + match.length;
  return {
    before: text.slice(Math.max(offset - around, 0), offset),
    match: match.slice(0, longestMatch),
    after: text.slice(end, end + 2 * around),
  };
}
