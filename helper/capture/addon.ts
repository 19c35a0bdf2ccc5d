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

export interface Drain {
  produced(): number;
  wake(): void;
  bad(): number;
  failure(): string | undefined;
  close(): void;
}

export interface Targets {
  /** Those whose flags are not 0. */
  pids(): number[];
  get(pid: number): number;
  set(pid: number, flags: number): void;
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
  Drain: new (
    ringFd: number,
    ringBytes: number,
    memory: Uint8Array,
    control: Int32Array,
    onReady: () => void,
  ) => Drain;
  Targets: new (fd: number) => Targets;
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
