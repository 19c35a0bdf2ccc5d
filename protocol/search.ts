/** What is asked of a search through exchanges, and what it found. */
import type { Side } from "./exchange.ts";

/** A page of a search goes from the newest exchange to older ones, until `limit`, or its time is over. */
export interface SearchParams {
  /** Text, its case ignored; or `/a regular expression/` with the flags i, m, s, u, v. */
  query: string;
  /** Where to look; by default in both. */
  within?: "heads" | "bodies";
  /** Only these exchanges. */
  ids?: readonly number[];
  /** Only exchanges with ids below. */
  before?: number;
  /** Only exchanges with ids above. */
  since?: number;
  /** Hits after which the page ends; from 1 to `mostHits`, which is the default. */
  limit?: number;
}

export interface SearchResult {
  /** The newest exchange's first; of each text its first match, of each exchange `mostHitsEach` at most. */
  hits: Hit[];
  /** Exchanges that were looked through. */
  searched: number;
  /** There may be more: `before` of the next page. */
  before?: number;
  unsearched: Unsearched;
  /** The exchange of a text on which the regular expression took too long: there the search has ended. */
  tooSlow?: number;
}

/** Bodies that were not, or not wholly, looked through. */
export interface Unsearched {
  /** There is more of the content than `mostSearched`, or of a message than `mostOfMessage`. */
  long: number;
  /** Of the content only its beginning, or nothing, could be decoded. */
  undecoded: number;
  /** Bytes are missing. A match doesn't reach across them. */
  incomplete: number;
}

export interface Hit {
  /** The exchange's. */
  id: number;
  side: Side;
  part: Part;
  /** Of a message of a WebSocket: which, from 0, of those that are known of both sides. */
  message?: number;
  /** Where the match begins in the part's text, in UTF-16 units: of a header in `name: value`. */
  offset: number;
  /** Where the part's text begins in the body's content, in bytes, if not at its beginning: missing ones are before it. */
  start?: number;
  excerpt: Excerpt;
}

/** `line`: the request's or the status line. `interim`: the head of a response before the final one. */
export type Part = "line" | "interim" | "header" | "trailer" | "body" | "message";

/** The match, and what stands around it; each cut to what a row can show. */
export interface Excerpt {
  before: string;
  match: string;
  after: string;
}

/** Characters of a query. */
export const mostQuery = 1000;
/** Hits of one page: with the exchange that brings them it ends. */
export const mostHits = 500;
/** Hits of one exchange. */
export const mostHitsEach = 20;
/** Ids that can be named. */
export const mostIds = 10_000;
/** Bytes of each body's content that are looked through, from its beginning. */
export const mostSearched = 16 * 1024 * 1024;
/** And of each message in them. */
export const mostOfMessage = 256 * 1024;

export const nothingUnsearched: Unsearched = { long: 0, undecoded: 0, incomplete: 0 };

/** Those of several pages. */
export function addUnsearched(one: Unsearched, other: Unsearched): Unsearched {
  return {
    long: one.long + other.long,
    undecoded: one.undecoded + other.undecoded,
    incomplete: one.incomplete + other.incomplete,
  };
}

/** What a person reads of it: a sentence for each kind. */
export function unsearchedTexts({ long, undecoded, incomplete }: Unsearched): string[] {
  const bodies = (count: number) => `${count.toLocaleString("en-US")} ${count === 1 ? "body" : "bodies"}`;
  return [
    ...(long > 0
      ? [
          `of ${bodies(long)} only the beginning was searched: ${mostSearched / 1024 / 1024} MiB, ` +
            `or ${mostOfMessage / 1024} KiB of a message`,
        ]
      : []),
    ...(undecoded > 0 ? [`${bodies(undecoded)} could not be decoded, or not wholly`] : []),
    ...(incomplete > 0 ? [`of ${bodies(incomplete)} bytes are missing`] : []),
  ];
}
