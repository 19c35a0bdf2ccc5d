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

/** To the page. */
export type ToPage =
  /**
   * At each change of the exchange; `key` is the same as long as it is the same exchange. `now`: the helper's Unix time.
   * `origin`: of what was recorded. `redacted`: credentials were left out when it was saved.
   */
  | {
      type: "show";
      key: string;
      exchange: Exchange;
      now: number;
      origin: Origin | undefined;
      redacted?: boolean;
      place?: Place | undefined;
    }
  /** The exchange can't be read any more; what the page has of it may stay. */
  | { type: "gone"; key: string; message: string }
  /** The answer to the `read` with the same `call`; fewer bytes than asked for mean that the body ends there. */
  | { type: "bytes"; call: number; bytes: Uint8Array }
  /** The answer to the `decode` with the same `call`. */
  | { type: "decoded"; call: number; decoded: Decoded }
  /** The answer to the `messages` with the same `call`. */
  | { type: "messages"; call: number; messages: Conversation }
  /** The answer to the `describe` with the same `call`. */
  | { type: "described"; call: number }
  | { type: "failed"; call: number; message: string };

/** From the page. */
export type FromPage =
  /** The page stands, and wants what is to be shown; again each time its tab comes back to the front. */
  | { type: "ready" }
  /** Bytes `[start, end)` of a body. */
  | { type: "read"; call: number; key: string; side: Side; start: number; end: number }
  /** A body's content, its codings off. */
  | { type: "decode"; call: number; key: string; side: Side }
  /** What was said in a WebSocket, or in a call by gRPC. */
  | { type: "messages"; call: number; key: string }
  /** The user wants the server to be asked for its descriptors. */
  | { type: "describe"; call: number; key: string }
  /** To show the other end of the exchange instead. */
  | { type: "otherEnd"; key: string; id: number };
