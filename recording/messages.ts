/** What the thread that reads a recording is told, and tells. */
import type { Exchange, ExchangeSummary } from "../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../protocol/rpc.ts";
import type { SearchParams, SearchResult } from "../protocol/search.ts";

/** `workerData`. */
export type Input = { path: string } | { bytes: Uint8Array };

export type Ask =
  | { ask: "exchange"; id: number }
  | { ask: "body"; params: BodyParams }
  | { ask: "search"; params: SearchParams };

export type Question = { number: number } & Ask;

export type Answer = Exchange | BodyResult | SearchResult | null;

export type Message =
  | { tell: "progress"; read: number; size: number; exchanges: number }
  | {
      tell: "open";
      exchanges: ExchangeSummary[];
      source: string;
      redacted: boolean;
      problem: string | undefined;
    }
  /** It can't be opened. */
  | { tell: "failure"; message: string }
  | { tell: "answer"; number: number; result: Answer }
  /** To one question. */
  | { tell: "refusal"; number: number; message: string };
