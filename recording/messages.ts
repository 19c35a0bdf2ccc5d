/** What the thread that reads a recording is told, and tells. */
import type { Exchange, ExchangeSummary } from "../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../protocol/rpc.ts";

/** `workerData`. */
export type Input = { path: string } | { bytes: Uint8Array };

export type Question = { number: number } & (
  { ask: "exchange"; id: number } | { ask: "body"; params: BodyParams }
);

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
  | { tell: "answer"; number: number; result: Exchange | BodyResult | null }
  /** To one question. */
  | { tell: "refusal"; number: number; message: string };
