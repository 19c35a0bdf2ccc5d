/** The contract between the extension and the detail panel's page. */
import type { CallMessages, Decoded, SocketMessages } from "./content.ts";
import type { Exchange, Side } from "./exchange.ts";

/** The place of an exchange in a recording, whose URI is `location`: there another window can find it again. */
export interface Origin {
  location: string;
  id: number;
}

/** What is to be looked at of an exchange. */
export interface Place {
  /** Another is another place, also where all else is the same: each is gone to once. */
  number: number;
  part: Side | "messages";
  /** `line`: the request's, or the status. */
  within: "line" | "heads" | "body";
  /** As it stands there. */
  text: string;
}

/** What the two sides of an exchange have said so far, in messages. */
export type Conversation =
  | ({ kind: "socket" } & SocketMessages)
  /** `askable`: the address of the server, where it can be asked for its descriptors. */
  | ({ kind: "call"; askable?: string } & CallMessages);

/** `body`: as it was sent; `content`: its codings off. */
export type BodyForm = "body" | "content";

/** What came out when the codings were taken off a body. */
export type DecodedSize = Omit<Decoded, "bytes"> & { size: number };

/** A text to be found in a body, its case ignored; `charset` as TextDecoder names it. */
export interface BodySearch {
  side: Side;
  of: BodyForm;
  text: string;
  charset: string;
}

export interface BodyMatches {
  /** In order, `[start, end)` in bytes; `mostMatches` at most. None reaches across missing bytes. */
  matches: [start: number, end: number][];
  /** What is to be said of what isn't among them. */
  notes: string[];
}

export const mostMatches = 10_000;

/** An exchange, to be shown by the page. */
export type Shown = Extract<ToPage, { type: "show" }>;

/** To the page. */
export type ToPage =
  /**
   * At each change of the exchange; `key` is the same as long as it is the same exchange. `now`: Unix time where it was
   * seen, whose clock need not be the page's.
   * `origin`: of what was recorded. `redacted`: credentials were left out when it was saved. `session`: the debug session
   * whose program it was captured of.
   */
  | {
      type: "show";
      key: string;
      exchange: Exchange;
      now: number;
      origin: Origin | undefined;
      redacted?: boolean;
      session?: string | undefined;
      place?: Place | undefined;
    }
  /** The exchange can't be read any more; what the page has of it may stay. */
  | { type: "gone"; key: string; message: string }
  /** The answer to the `read` with the same `call`; fewer bytes than asked for mean that the body ends there. */
  | { type: "bytes"; call: number; bytes: Uint8Array }
  /** The answer to the `decode` with the same `call`. */
  | { type: "decoded"; call: number; decoded: DecodedSize }
  /** The answer to the `find` with the same `call`. */
  | { type: "found"; call: number; found: BodyMatches }
  /** The answer to the `messages` with the same `call`. */
  | { type: "messages"; call: number; messages: Conversation }
  /** The answer to the `describe` with the same `call`. */
  | { type: "described"; call: number }
  | { type: "failed"; call: number; message: string };

/** From the page. */
export type FromPage =
  /** The page stands, and wants what is to be shown; again each time its tab comes back to the front. */
  | { type: "ready" }
  /** Bytes `[start, end)` of a body; of its content once that was decoded. */
  | { type: "read"; call: number; key: string; side: Side; of: BodyForm; start: number; end: number }
  /** To take a body's codings off. */
  | { type: "decode"; call: number; key: string; side: Side }
  | ({ type: "find"; call: number; key: string } & BodySearch)
  /** Nobody waits for the answer to that call any more. */
  | { type: "cancel"; call: number }
  /** What was said in a WebSocket, or in a call by gRPC. */
  | { type: "messages"; call: number; key: string }
  /** The user wants the server to be asked for its descriptors. */
  | { type: "describe"; call: number; key: string }
  /** That side is looked at. */
  | { type: "side"; key: string; side: Side }
  /** To the clipboard. */
  | { type: "copy"; text: string }
  /** To show the other end of the exchange instead. */
  | { type: "otherEnd"; key: string; id: number };
