/**
 * The JSON-RPC contract between the helper and its clients (JSON-RPC 2.0, vscode-jsonrpc framing, on stdio).
 * The helper also answers `initialize`, `shutdown` and `exit`, as LanguageClient insists.
 */
import type { CaptureStatus, SendfileMode, Target, TargetResult } from "./capture.ts";
import type { Refusal } from "./refusal.ts";
import type { Exchange, ExchangeSummary, Missing, Range, Side } from "./exchange.ts";
import type { SearchParams, SearchResult } from "./search.ts";

/** What may differ from run to run: from `initialize`, or `tinytap/begin`, to the next `tinytap/end`. All is optional. */
export interface RunOptions {
  targets?: Target[];
  /** Bytes kept, or hashed, per body; by default a quarter of `memory`, or no limit for what is hashed. */
  maxBody?: number;
  sendfile?: SendfileMode;
  /** Requests that are not captured, by path (`/healthz`), host (`localhost:9090`) or both; `*` stands for any characters. */
  exclude?: string[];
}

/** `initializationOptions` of `initialize`: for the helper's whole life, and for its first run. All is optional. */
export interface CaptureOptions extends RunOptions {
  /** Only connections with one of these local or remote ports; empty or absent: all. */
  ports?: number[];
  /** MiB of memory for what was captured: a whole number from `leastMemory` to `mostMemory`; default `defaultMemory`. */
  memory?: number;
  /** `summaries`: every change, for a live view. `finished`: each exchange once, whole, when it has ended. */
  feed?: "summaries" | "finished";
  /** What becomes of bodies: `kept`, for whoever asks; `hashed` (Body.sha256) and given up; or only `counted`. */
  bodies?: "kept" | "hashed" | "counted";
}

/** `result` of `initialize`. */
export interface InitializeResult {
  capabilities: Record<string, never>;
  status: CaptureStatus;
  targets: TargetResult[];
}

/** Requests, client to helper: `[params, result]`. */
export interface Requests {
  /** Adds processes to those watched. */
  "tinytap/watch": [{ targets: Target[] }, { targets: TargetResult[] }];
  /** Takes processes, and the children followed from them, out again; a child that was itself named stays. */
  "tinytap/unwatch": [{ pids: number[] }, null];
  "tinytap/status": [null, CaptureStatus];
  /** `null`: the exchange is no longer kept. */
  "tinytap/exchange": [{ id: number }, Exchange | null];
  "tinytap/body": [BodyParams, BodyResult];
  /** One page of a search, which can be cancelled. */
  "tinytap/search": [SearchParams, SearchResult];
  /**
   * Keeps an exchange's bodies from being given up, until it is asked again with `pinned: false`. Pins are bounded: the
   * answer says whether it is pinned now.
   */
  "tinytap/pin": [{ id: number; pinned: boolean }, { pinned: boolean }];
  /**
   * While somebody holds them no exchange is dropped for its age, up to as many again as are kept otherwise: for who reads
   * them one after the other. Each `held: true` wants its `held: false`.
   */
  "tinytap/hold": [{ held: boolean }, null];
  /** Forgets the finished exchanges. */
  "tinytap/clear": [null, null];
  /** Begins another run, and ends the one that goes on, if one does. Ids go on ascending. */
  "tinytap/begin": [RunOptions, { status: CaptureStatus; targets: TargetResult[] }];
  /**
   * Ends a run: watches nothing more, drains, and what is in flight ends as `stopped`, and is delivered. The probes stay,
   * and what was captured can be read.
   */
  "tinytap/end": [null, CaptureStatus];
  /** Takes over what lies in the ring and delivers every notification; the answer comes after the last of them. */
  "tinytap/drain": [null, CaptureStatus];
  /** Ends a run, and takes every probe off for good. What was captured can be read until stdin ends. */
  "tinytap/detach": [null, CaptureStatus];
}

/** Bytes `[start, end)` of a body; at most `maxBodyChunk` are given. */
export interface BodyParams {
  id: number;
  side: Side;
  start: number;
  end: number;
}

export interface BodyResult {
  /** Of the bytes from `start` to `end`; those within `missing` are no bytes of the body, and zero. */
  base64: string;
  /** Where the answer ends; less than asked for at the body's end or at `maxBodyChunk`. */
  end: number;
  /** Of `[start, end)`, as it is now: bytes that were there may have been given up since. */
  ranges: Range[];
  missing: Missing[];
}

/** Notifications, helper to client. */
export interface Notifications {
  /**
   * Feed `summaries`: exchanges that are new or changed, in order of id. Of more than `maxRows` those that changed last are
   * sent first, and the others follow. `dropped` are those sent before that are no longer kept; `kept` is the number of all
   * that are.
   */
  "tinytap/exchanges": { exchanges: ExchangeSummary[]; dropped: number[]; kept: number };
  /** At each change of sources, targets or losses, at most once a second; while only other numbers change, every 3 s. */
  "tinytap/status": CaptureStatus;
}

/** Requests, helper to client: `[params, result]`. */
export interface ClientRequests {
  /**
   * Feed `finished`: each exchange once. The answer says that the client has done with them: until then their bodies are
   * pinned, and only so many batches are under way at once.
   */
  "tinytap/finished": [{ exchanges: Exchange[] }, null];
}

/** Most rows of one batch. */
export const maxRows = 1000;

/** Most bytes of a body that one answer carries. */
export const maxBodyChunk = 4 * 1024 * 1024;

/** A frame whose Content-Length is above this is refused. */
export const maxFrame = 16 * 1024 * 1024;

/** Most exchanges kept, by a helper and by a window; the oldest finished go first. */
export const maxExchanges = 100_000;

/** Patterns of `exclude`, and characters of each. */
export const mostPatterns = 100;
export const longestPattern = 500;

/** In MiB. */
export const leastMemory = 16;
export const defaultMemory = 256;
export const mostMemory = 2048;

/**
 * The helper's first line on stdout, before any JSON-RPC, says whether it stands: one line of JSON.
 * After `ready: true` the rest of the stream is JSON-RPC; after `ready: false` the helper exits.
 */
export type Hello = { ready: true; pid: number } | { ready: false; error: StartError };

/** `code` names what to do about it; `message` says it to a person, in full sentences. */
export interface StartError {
  code: StartErrorCode;
  message: string;
  /** With `no-kernel-support`. */
  refusal?: Refusal;
}

export type StartErrorCode =
  | "no-root"
  | "refused"
  | "no-btf"
  | "no-kernel-support"
  | "load-failed"
  | "self-test-failed"
  | "no-addon"
  | "crashed";
