/** Exchanges as a helper keeps them. */
import type { Exchange } from "../../../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../../../protocol/rpc.ts";
import { nothingUnsearched, type SearchResult } from "../../../protocol/search.ts";
import type { ExchangeSource } from "../../../extension/model/sources.ts";
import { bodyOf, exchange } from "../recording/exchange.ts";

/** Longer than one answer of it. */
export const size = 10_000;
const step = 4096;
export const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919) >> 5));

/** Keeps what a helper would, and answers in parts. */
export class Keeper implements ExchangeSource {
  readonly exchanges: Exchange[];
  /** What all its bodies say. */
  content: Uint8Array = bytes;

  constructor(...exchanges: Partial<Exchange>[]) {
    this.exchanges = exchanges.map((fields, i) => ({ ...exchange, ...fields, id: i + 1 }));
  }

  async exchange(id: number): Promise<Exchange | null> {
    return this.exchanges[id - 1] ?? null;
  }

  async body({ id, side, start, end }: BodyParams): Promise<BodyResult> {
    const body = this.exchanges[id - 1]?.[side]?.body ?? bodyOf(0);
    const stop = Math.min(end, body.size, start + step);
    const part = Buffer.from(this.content.subarray(start, stop));
    const within = <Each extends { start: number; end: number }>(each: Each[]) =>
      each
        .map((one) => ({ ...one, start: Math.max(one.start, start), end: Math.min(one.end, stop) }))
        .filter((one) => one.start < one.end);
    const missing = within(body.missing);
    for (const gap of missing) part.fill(0, gap.start - start, gap.end - start);
    return { base64: part.toString("base64"), end: stop, ranges: within(body.ranges), missing };
  }

  async search(): Promise<SearchResult> {
    return { hits: [], searched: 0, unsearched: nothingUnsearched };
  }
}
