/** Whatever keeps exchanges and their bodies: a helper, or a recording. What shows and saves them knows no difference. */
import type { Exchange } from "../../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../../protocol/rpc.ts";
import type { SearchParams, SearchResult } from "../../protocol/search.ts";
import { partsOf, type ExchangeKey } from "./run.ts";

export interface ExchangeSource {
  /** `null`: it is no longer kept. Rejects with words for a person where it can't be read. */
  exchange(id: number): Promise<Exchange | null>;
  /** As `tinytap/body` answers. */
  body(params: BodyParams): Promise<BodyResult>;
  /** A page of a search, as `tinytap/search` answers. Rejects with words for a person where the query is wrong. */
  search(params: SearchParams, signal: AbortSignal): Promise<SearchResult>;
  /** Keeps an exchange's bodies from being given up; absent where nothing is. */
  pin?(id: number, pinned: boolean): Promise<unknown>;
  /** Keeps exchanges from being dropped for their age while they are read one after the other; absent where none is. */
  hold?(held: boolean): Promise<unknown>;
}

/** Those of this window, numbered from 1 in the order in which they came. */
export class Sources {
  readonly #sources = new Map<number, ExchangeSource>();
  /** Why nothing can be read of those that have gone. */
  readonly #gone = new Map<number, string>();
  #count = 0;

  /** Gives its number. */
  add(source: ExchangeSource): number {
    this.#sources.set(++this.#count, source);
    return this.#count;
  }

  /** From now on whoever asks it hears `reason`. */
  end(number: number, reason: string): void {
    this.#sources.delete(number);
    this.#gone.set(number, reason);
  }

  async exchange(key: ExchangeKey): Promise<Exchange | null> {
    const { source, id } = this.#find(key);
    return source.exchange(id);
  }

  async body(key: ExchangeKey, params: Omit<BodyParams, "id">): Promise<BodyResult> {
    const { source, id } = this.#find(key);
    return source.body({ ...params, id });
  }

  async pin(key: ExchangeKey, pinned: boolean): Promise<void> {
    const { source, id } = this.#find(key);
    await source.pin?.(id, pinned);
  }

  /** Those that can be read, the one that came last first. */
  get numbers(): number[] {
    return [...this.#sources.keys()].toReversed();
  }

  /** The pages of a search through one source, from its newest exchange on, until the caller has enough. */
  async *search(
    number: number,
    params: SearchParams,
    signal: AbortSignal,
  ): AsyncGenerator<SearchResult, void, undefined> {
    let page: SearchResult | undefined;
    do {
      const before = page?.before ?? params.before;
      page = await this.#source(number).search(
        { ...params, ...(before !== undefined && { before }) },
        signal,
      );
      signal.throwIfAborted();
      yield page;
    } while (page.before !== undefined);
  }

  /** Calls `body` while no source drops exchanges for their age. */
  async holding<Result>(body: () => Promise<Result>): Promise<Result> {
    const all = [...this.#sources.values()];
    const hold = (held: boolean) => Promise.allSettled(all.map(async (source) => source.hold?.(held))); // one that is gone has nothing to hold
    await hold(true);
    try {
      return await body();
    } finally {
      await hold(false);
    }
  }

  #find(key: ExchangeKey): { source: ExchangeSource; id: number } {
    const { source, id } = partsOf(key);
    return { source: this.#source(source), id };
  }

  #source(number: number): ExchangeSource {
    const source = this.#sources.get(number);
    if (!source) throw new Error(this.#gone.get(number) ?? "This exchange is no longer kept.");
    return source;
  }
}
