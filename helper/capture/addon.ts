/** The addon's surface (native/addon.cc), typed. Its functions throw `NativeError`. */
import { join } from "node:path";

export interface LoadOptions {
  /** Where the *.bpf.o lie. */
  directory: string;
  /** Only this user's processes can be captured; fixed in the kernel until the probes are gone. */
  ownerUid: number;
  /** Everybody's can be. */
  anyUser: boolean;
  /** Size of the ring in bytes: a power of two, at least a page. */
  ringBytes: number;
}

/** File descriptors of what was loaded; closing all of a source's links switches it off. */
export interface Loaded {
  ring: number;
  targets: number;
  counters: number;
  mutes: number;
  sources: LoadedSource[];
}

export interface LoadedSource {
  name: string;
  /** Empty: no probe could be attached. */
  probe: string;
  /** `probe: reason` for each that was tried in vain. */
  refused: string[];
  links: number[];
}

export interface BecomeUserOptions {
  uid: number;
  gid: number;
  groups: number[];
  file: string;
  arguments: string[];
  environment: string[];
  /** Descriptors that the new program inherits besides stdio. */
  descriptors: number[];
}

export interface Ring {
  /** Moves whole records to the start of `to`: `bytes` of them; `more` did not fit; `bad` were refused. */
  drain(to: Uint8Array): { bytes: number; more: boolean; bad: number };
  /** Asks for the next call of `onReady`. */
  resume(): void;
  close(): void;
}

export interface Targets {
  get(pid: number): number;
  set(pid: number, flags: number): void;
  /** Every process whose flags are not 0, in ascending order: the kernel side follows forks by itself. */
  pids(): number[];
}

/** By enum mute of bpf/records.h. */
export const mute = { none: 0, until: 1, other: 2, all: 3 } as const;
export type Mute = (typeof mute)[keyof typeof mute];

/** Tells the kernel side what it need not copy. */
export interface Mutes {
  /**
   * Takes effect at the next call of that connection and direction (0: in, 1: out). The ranges of muted calls still come.
   * `until`, for that kind alone, is a number as segments count: calls that end there or before have no payload. It must be
   * lifted before 2 GiB more have moved, as numbers wrap. Throws ERANGE.
   */
  set(connection: number, direction: 0 | 1, kind: Mute, until: number): void;
}

export interface Counters {
  read(): number[];
}

export interface Exercise {
  serverPort: number;
  /** What the client wrote. */
  written: Uint8Array;
  /** What the client received of the server's sendfile. */
  served: Uint8Array;
}

export interface Addon {
  load(options: LoadOptions): Loaded;
  becomeUser(options: BecomeUserOptions): never;
  forbidTracing(): void;
  exercise(): Exercise;
  Ring: new (fd: number, size: number, onReady: () => void) => Ring;
  Targets: new (fd: number) => Targets;
  Mutes: new (fd: number) => Mutes;
  Counters: new (fd: number) => Counters;
}

/** What the addon throws: which operation failed, and how; `log` is libbpf's and the verifier's word on it. */
export interface NativeError extends Error {
  operation: string;
  code: string;
  errno: number;
  log?: string;
}

export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && "operation" in error && "errno" in error;
}

/** Loads tinytap.node from `directory`. Throws where it is missing or needs another machine. */
export function loadAddon(directory: string): Addon {
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, join(directory, "tinytap.node"));
  return module.exports as Addon;
}
