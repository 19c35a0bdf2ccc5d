/** What the main thread and the search's thread tell each other. `number`: the search's. */
import type { SearchParams, SearchResult } from "../../protocol/search.ts";
import type { ReadableExchange } from "../exchanges/captured-exchange.ts";

export type ToThread =
  | { tell: "search"; number: number; params: SearchParams }
  /** The next exchanges; without any the search is over. They can be read until the next are asked for. */
  | { tell: "exchanges"; number: number; exchanges: ReadableExchange[] };

export type FromThread =
  | { tell: "more"; number: number }
  | { tell: "result"; number: number; result: SearchResult }
  /** `isInvalid`: by what was asked. */
  | { tell: "refusal"; number: number; message: string; isInvalid: boolean };
