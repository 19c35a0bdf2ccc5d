/** The addon's surface (native/addon.cc), typed. Its functions throw `NativeError`. */
import { join } from "node:path";

export interface LoadOptions {
  /** Where the *.bpf.o lie. */
  directory: string;
  /** Only this user's processes can be captured; fixed in the kernel until the probes are gone. */
  ownerUid: number;
  /** And only with this group, as ptrace(2) would have it. */
  ownerGid: number;
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
  programs: LoadedProgram[];
}

export interface LoadedProgram {
  /** Of a spare: its program's, with `_spare_` and a number behind it. */
  name: string;
  /** Descriptor. */
  fd: number;
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

/**
 * Words of `control`. Behind them come two rings of a word per slab, with N slabs:
 * - `[8, 8 + N)` the free ring: entry `f % N` is the number of the slab that was the f-th to be freed.
 * - `[8 + N, 8 + 2N)` the order: entry `k % N` is the number of the slab that holds the stream's k-th MiB.
 *
 * Every access is by `Atomics`. Positions are in units of 8 bytes, and they and the counts are unsigned and wrap at
 * 2^32: a reader adds their differences to a number of its own.
 */
export const control = {
  /** End of the stream, so far. Never within a record. */
  written: 0,
  /** Position in the ring: everything before it is in the stream, or was refused. Stored after `written`. */
  passed: 1,
  /**
   * A reader that wants to be woken stores 1, and must then load `written` (and `passed`) once more: what was stored
   * before the thread saw the 1 wakes nobody. The thread stores 0 when it calls `onReady`.
   */
  caughtUp: 2,
  /** Slabs that the reader has freed: put the number into the free ring first, then add 1. */
  freed: 3,
  /** Slabs that the thread can still take. It notices freed ones when it next has something to write. */
  free: 4,
  /** Payload bytes that the thread dropped because slabs ran short, and the segments that they are of. */
  shedBytes: 5,
  shedRecords: 6,
  /** Here the two rings begin. */
  rings: 8,
} as const;

/** Words of `control` for that many slabs. */
export function controlWords(slabs: number): number {
  return control.rings + 2 * slabs;
}

/**
 * A thread that appends the ring's records to `memory`, a stream in slabs of 1 MiB.
 *
 * A record of the stream is `{u32 length, u32 0, bytes, padding to 8}`, as in bpf/records.h. None crosses a slab's end:
 * a length of 0 says that the stream goes on at the next slab's start, and so does a slab that is full to the last byte.
 * While slabs are short, segments without SEGMENT_HEAD come with SEGMENT_SHED and without their `len` bytes of payload.
 *
 * The reader may free a slab when its own position has left it; the thread writes to no slab that isn't free. With none
 * left it leaves the ring alone until there is one, and looks again every millisecond.
 */
export interface Drain {
  /** The position in the ring, comparable with `passed`, up to which the kernel has reserved records. */
  produced(): number;
  /** The thread looks at the ring, and at the freed slabs, at once. */
  wake(): void;
  /** Joins the thread and unmaps the ring. `onReady` isn't called any more. */
  close(): void;
  /** Records refused so far: of unknown kind, or of a length that can't be. */
  bad(): number;
  /** Why the thread gave up, if it did; then it has called `onReady` once. */
  failure(): string | undefined;
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
  /** Loads the smallest program, attaches it, and takes it off: throws NativeError where the kernel refuses. */
  tryToAttach(): void;
  load(options: LoadOptions): Loaded;
  becomeUser(options: BecomeUserOptions): never;
  forbidTracing(): void;
  exercise(): Exercise;
  /**
   * `ringBytes` as the ring was loaded with. Both arrays are views of SharedArrayBuffers: `memory` of 2 to 65536 times
   * `slabBytes`, all of them free; `control` of zeros, `controlWords` of them. `onReady` is called when records were
   * appended and the reader waits for them, every 5 ms at most.
   */
  Drain: new (
    ringFd: number,
    ringBytes: number,
    memory: Uint8Array,
    control: Int32Array,
    onReady: () => void,
  ) => Drain;
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
