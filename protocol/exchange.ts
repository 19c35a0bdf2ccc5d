/** What the helper reports: HTTP exchanges, their heads and what is known of their bodies. */

/** The captured process's part in an exchange. */
export type Role = "server" | "client";

/** One half of an exchange. */
export type Side = "request" | "response";

/** The system call that moved a range of bytes; `recorded`: a recording that doesn't tell. */
export type Source =
  | "read"
  | "readv"
  | "recvfrom"
  | "recvmsg"
  | "recvmmsg"
  | "write"
  | "writev"
  | "sendto"
  | "sendmsg"
  | "sendmmsg"
  | "sendfile"
  | "splice"
  | "recorded";

/**
 * How far an exchange, or a body, has come; and if it ended otherwise than `complete`, why. `closed`: the connection
 * ended first. `reset`: it did, with no side's FIN. `lost`: bytes were lost without which its end, or what it belongs to,
 * can't be told. `stopped`: the capture ended first.
 */
export type State = "in-flight" | "complete" | "closed" | "reset" | "lost" | "stopped";

/** Bytes of a body that were captured: `[start, end)` in body offsets. */
export interface Range {
  start: number;
  end: number;
  source: Source;
}

/** Bytes of a body that are not there: `[start, end)` in body offsets, and why. */
export interface Missing {
  start: number;
  end: number;
  reason: MissingReason;
}

/** Why bytes are missing. The text a person reads is `missingText` in reasons.ts. */
export type MissingReason =
  | "no-source"
  | "ring-full"
  | "shed"
  | "unreadable"
  | "body-limit"
  | "call-limit"
  | "evicted"
  | "before-capture"
  | "untraced"
  | "spliced"
  | "discarded"
  | "concurrent"
  | "framing-lost"
  | "never-sent"
  | "unread"
  | "after-capture"
  | "not-recorded";

/**
 * A header as it was sent: name and value, in their order, repeated names kept. With `unknown` a text that is `?` stands for
 * one that nobody knows: HTTP/2 names what was sent before, and that was before the capture, or was lost.
 */
export type Header = [name: string, value: string, unknown?: "unknown"];

/** Bytes of a head that are kept, at most; of HTTP/2's its fields, decoded. */
export const maxHead = 256 * 1024;

/**
 * Why fields of a head, or of trailers, are not there, or one without its end. `limit`: there was more than is kept;
 * `unfinished`: its end never came.
 */
export type HeadCut = "limit" | "unfinished";

/** The bytes of a body from `start` on, up to the next arrival's, came at `time`: milliseconds from the exchange's start. */
export type Arrival = [start: number, time: number];

/** A response before the final one: 100, 103. */
export interface Interim {
  status: number;
  statusText: string;
  headers: Header[];
  /** Milliseconds from the exchange's start. */
  time: number;
}

export interface Body {
  /**
   * Bytes on the wire after removal of chunked framing; as far as known while the body is in flight, and where its `end`
   * says that it was not whole. Behind lost framing it is an estimate.
   */
  size: number;
  end: State;
  /** Ranges held, or hashed, in order, not overlapping. */
  ranges: Range[];
  /** Ranges of `[0, size)` that are not, in order; where bodies are only counted, those that were lost. */
  missing: Missing[];
  /** Hex digest; only of a complete body without missing ranges, where bodies are `hashed`. */
  sha256?: string;
  /** In order; of very many the finest that are kept. Absent where all of it came at once (unless it may go on), or nobody knows. */
  arrivals?: Arrival[];
  /** The bytes are those of the content: what wrote the recording took the Content-Encoding off. */
  decoded?: true;
}

/** After the response with which two parties agree on another protocol (101) its body, and the request's, are what they say in that. */
export interface Request {
  method: string;
  target: string;
  /** e.g. `HTTP/1.1` */
  version: string;
  headers: Header[];
  /** Those behind a chunked body. */
  trailers?: Header[];
  headCut?: HeadCut;
  body: Body;
}

export interface Response {
  status: number;
  statusText: string;
  version: string;
  headers: Header[];
  trailers?: Header[];
  headCut?: HeadCut;
  body: Body;
}

export type Scheme = "http" | "https";

export interface Exchange {
  /** Ascending in the order in which the requests were seen; never reused by one helper. */
  id: number;
  pid: number;
  /** The process's name (`comm`). */
  process: string;
  role: Role;
  /** `address:port`, IPv6 in brackets. */
  local: string;
  remote: string;
  /** Of the URL, where a recording tells it; elsewhere only the port does. */
  scheme?: Scheme;
  state: State;
  /** Unix time in milliseconds, with a fraction: of what the program sends when the call begins, of the rest when it ends. */
  start: number;
  /** Milliseconds from the request's first byte to the response's last; absent while in flight. */
  duration?: number;
  /** Milliseconds from `start` to the request's last byte, where that came. */
  requestEnd?: number;
  /** Milliseconds from `start` to the response's first byte; absent until then. */
  responseStart?: number;
  /** Absent where the response answers no request that was seen: it was lost, malformed, or there was none. */
  request?: Request;
  /** Responses before the final one, in order. */
  interim?: Interim[];
  /** Absent until the response's head was seen. */
  response?: Response;
  /** The server promised it, unasked (HTTP/2's push). */
  pushed?: true;
  /** Of HTTP/2: the number of its stream, and the name of the error that ended that, as in `CANCEL`. */
  stream?: number;
  error?: string;
  /** It was captured on both ends of its connection: the other one's id. */
  otherEnd?: number;
  /**
   * Of HTTP/2: milliseconds for which a side could send no more of its body, as the other had not asked for more (flow
   * control). Absent where it always could, or frames were not seen.
   */
  stalled?: Partial<Record<Side, number>>;
}

/** What a row shows, and is filtered and sorted by; pushed at each change. */
export interface ExchangeSummary {
  id: number;
  pid: number;
  process: string;
  role: Role;
  /** Of the other end, as an exchange has it. */
  remote: string;
  state: State;
  start: number;
  responseStart?: number | undefined;
  duration?: number | undefined;
  method?: string | undefined;
  target?: string | undefined;
  /** The request's Host header. */
  host?: string | undefined;
  status?: number | undefined;
  /** Of a call by gRPC that has ended: its code, 0 where it was OK. */
  grpcStatus?: number | undefined;
  contentType?: string | undefined;
  requestSize: number;
  /** Size of the response's body so far. */
  size: number;
  /** As in Exchange. */
  otherEnd?: number | undefined;
  /** Bytes of either body that are missing. */
  missing: number;
  /** Of either head. */
  headCut?: HeadCut | undefined;
  /** Some of the response's body was sent by sendfile or splice. */
  bySendfile?: true | undefined;
}
