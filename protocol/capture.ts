/** The capture's own state: what runs, what is off and why, what was lost. */

/** Which source reads the bodies of sendfile and splice. */
export type SendfileMode = "auto" | "sendpath" | "pagecache" | "off";

/** Sizes in MiB that the kernel's ring buffer can have. */
export const ringSizes = [1, 2, 4, 8, 16, 32, 64] as const;
export const defaultRingSize = 64;

export type SourceName = "syscalls" | "sendpath" | "pagecache";

export interface SourceStatus {
  name: SourceName;
  on: boolean;
  /** The probe in use, e.g. `raw_tp tcp_sendmsg_locked`; absent when none could be loaded. */
  probe?: string;
  /** Why it is off. */
  reason?: string;
}

/** How the helper came to root: `root` where its client is that already. By pkexec a person may have been asked for a password. */
export type Elevation = "root" | "sudo" | "pkexec";

/** A process to watch. */
export interface Target {
  pid: number;
  /** Also the processes that it starts from now on, and theirs. */
  children: boolean;
  /** Also its descendants that run already. */
  descendants?: boolean;
}

/** The answer for one target: `error` says why it isn't watched. */
export interface TargetResult {
  pid: number;
  error?: string;
}

export interface Tally {
  /** Exchanges whose end was seen, broken ones included. */
  exchanges: number;
  inFlight: number;
  /** Exchanges that were not captured, as the runs' `exclude` said. */
  excluded: number;
  /** Payload bytes taken from the ring. */
  bytes: number;
  /** Connections seen whose bytes are not HTTP, by what they speak; `unknown` is what has no name here. */
  otherConnections: Record<string, number>;
  /** Connections that bytes were taken from by splice which no source could read. */
  splicedConnections: number;
  /** Events per reason, only those above zero. */
  lost: Record<string, number>;
  /** Bytes. */
  memory: {
    size: number;
    /** Taken by what is kept, or waits to be read. */
    used: number;
    /** Kept for readers, whatever else has to go. */
    pinned: number;
  };
}

export interface CaptureStatus {
  sources: SourceStatus[];
  /** Processes watched at the moment. */
  targets: number[];
  tally: Tally;
  /** Of the helper's process so far: milliseconds of CPU time; and now: bytes of memory. */
  cost: { cpu: number; memory: number };
  /** Milliseconds from the helper's start to the end of the self-test. */
  startup: number;
}

/** A process of the user's that listens on TCP ports. */
export interface ListeningProcess {
  pid: number;
  name: string;
  commandLine: string;
  ports: number[];
}
