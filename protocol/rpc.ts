/**
 * The JSON-RPC contract between the helper and its clients (JSON-RPC 2.0, vscode-jsonrpc framing, on stdio).
 * The helper also answers `initialize`, `shutdown` and `exit`, as LanguageClient insists.
 */
import type { CaptureStatus, SendfileMode, Target, TargetResult } from "./capture.ts";
import type { Exchange, ExchangeSummary, Side } from "./exchange.ts";

/** `initializationOptions` of `initialize`. Everything is optional. */
export interface CaptureOptions {
  targets?: Target[];
  /** Only connections with one of these local or remote ports; empty or absent: all. */
  ports?: number[];
  /** Bytes kept per body; default 1 MiB. */
  maxBody?: number;
  /** Bytes kept of all bodies; default 256 MiB. */
  maxTotal?: number;
  sendfile?: SendfileMode;
  /** `summaries`: every change, for a live view. `finished`: each exchange once, whole, when it has ended. */
  feed?: "summaries" | "finished";
  /** Adds `sha256` to the bodies of finished exchanges. */
  digests?: boolean;
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
  /** Forgets the finished exchanges. */
  "tinytap/clear": [null, null];
  /** Drains the ring and delivers every notification; the answer comes after the last of them. */
  "tinytap/drain": [null, CaptureStatus];
  /** Drains, then takes every probe off for good. What was captured can be read until stdin ends. */
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
  /** Of the bytes from `start` on; a missing byte is zero (the body's `missing` says which). */
  base64: string;
  /** Where the answer ends; less than asked for at the body's end or at `maxBodyChunk`. */
  end: number;
}

/** Notifications, helper to client. */
export interface Notifications {
  /** Feed `summaries`: exchanges that are new or changed, in order of id; `dropped` are no longer kept. */
  "tinytap/exchanges": { exchanges: ExchangeSummary[]; dropped: number[] };
  /** Feed `finished`. */
  "tinytap/finished": { exchanges: Exchange[] };
  /** At each change of sources, targets or losses, at most once a second. */
  "tinytap/status": CaptureStatus;
}

/** Most bytes of a body that one answer carries. */
export const maxBodyChunk = 4 * 1024 * 1024;

/** A frame whose Content-Length is above this is refused. */
export const maxFrame = 16 * 1024 * 1024;

/** Most exchanges kept by the helper; the oldest finished go first. */
export const maxExchanges = 10_000;

export const defaultMaxBody = 1024 * 1024;
export const defaultMaxTotal = 256 * 1024 * 1024;

/**
 * The helper's first line on stdout, before any JSON-RPC, says whether it stands: one line of JSON.
 * After `ready: true` the rest of the stream is JSON-RPC; after `ready: false` the helper exits.
 */
export type Hello = { ready: true; pid: number } | { ready: false; error: StartError };

/** `code` names what to do about it; `message` says it to a person, in full sentences. */
export interface StartError {
  code: StartErrorCode;
  message: string;
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
