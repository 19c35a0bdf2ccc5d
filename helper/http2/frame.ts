/** HTTP/2's frames (RFC 9113, sections 4 and 6): what their heads say, and which heads can be. */

export const frameHeadBytes = 9;
/** Of a payload that isn't data so many bytes are kept. */
export const maxPayload = 256 * 1024;

export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlag = {
  /** Of DATA and HEADERS. */
  endStream: 0x1,
  /** Of SETTINGS and PING. */
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

export interface FrameHead {
  /** Of the payload. */
  length: number;
  type: number;
  flags: number;
  /** 0: of the connection. */
  stream: number;
}

export function hasFlag(head: FrameHead, flag: number): boolean {
  return (head.flags & flag) !== 0;
}

/** `bytes` has a whole head at `at`. */
export function readFrameHead(bytes: Uint8Array, at: number): FrameHead {
  return {
    length: (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!,
    type: bytes[at + 3]!,
    flags: bytes[at + 4]!,
    stream: readStream(bytes, at + 5),
  };
}

/** Without the reserved bit. `bytes` has all four. */
export function readStream(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & 0x7fffffff;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** SETTINGS_INITIAL_WINDOW_SIZE, if that payload of SETTINGS says it. */
export function initialWindow(settings: Uint8Array): number | undefined {
  let window: number | undefined;
  for (let at = 0; at + 6 <= settings.length; at += 6)
    if (settings[at] === 0 && settings[at + 1] === 4) window = readUint32(settings, at + 2);
  return window;
}

interface Rule {
  flags: number;
  /** A stream's, or the connection's; WINDOW_UPDATE may be either. */
  of: "stream" | "connection" | "either";
  /** Of the payload. */
  length: (length: number, flags: number) => boolean;
}

const any = () => true;
const is = (expected: number) => (length: number) => length === expected;
/** What padding and priority take besides. */
const extra = (flags: number) =>
  ((flags & frameFlag.padded) !== 0 ? 1 : 0) + ((flags & frameFlag.priority) !== 0 ? 5 : 0);

/** By type. */
const rules: readonly Rule[] = [
  { flags: 0x09, of: "stream", length: (length, flags) => length >= extra(flags) },
  { flags: 0x2d, of: "stream", length: (length, flags) => length >= extra(flags) },
  { flags: 0, of: "stream", length: is(5) },
  { flags: 0, of: "stream", length: is(4) },
  {
    ...{ flags: frameFlag.ack, of: "connection" },
    length: (length, flags) => ((flags & frameFlag.ack) !== 0 ? length === 0 : length % 6 === 0),
  },
  { flags: 0x0c, of: "stream", length: (length, flags) => length >= 4 + extra(flags) },
  { flags: frameFlag.ack, of: "connection", length: is(8) },
  { flags: 0, of: "connection", length: (length) => length >= 8 },
  { flags: 0, of: "either", length: is(4) },
  { flags: frameFlag.endHeaders, of: "stream", length: any },
];

/** Whether a peer may take it without ending the connection; of a type that isn't known nothing can be said. */
export function isValid(head: FrameHead): boolean {
  const rule = rules[head.type];
  if (rule === undefined) return true;
  if (!rule.length(head.length, head.flags & rule.flags)) return false;
  return rule.of === "either" || (rule.of === "stream") === head.stream > 0;
}

/** DATA is seldom as long, as few ask for frames so long. */
const longestData = 1 << 20;
/** What both sides take if nothing is said. */
const longestOther = 1 << 14;

/**
 * Whether programs send such frames in the middle of a connection. They leave out what says nothing, flags that mean nothing,
 * and long frames. Where numbers are stored zeros abound: so SETTINGS is left out too, which opens connections; and so is what
 * begins or goes on with a block in parts.
 */
export function isUsual(head: FrameHead): boolean {
  const { type, flags, length } = head;
  const rule = rules[type];
  if (rule === undefined || (flags & ~rule.flags) !== 0 || !isValid(head)) return false;
  switch (type) {
    case frameType.data:
      return length <= longestData && (length > 0 || hasFlag(head, frameFlag.endStream));
    case frameType.headers:
    case frameType.pushPromise:
      return length > 0 && length <= longestOther && hasFlag(head, frameFlag.endHeaders);
    case frameType.settings:
    case frameType.continuation:
      return false;
    default:
      return length <= longestOther;
  }
}
