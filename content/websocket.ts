/** WebSocket frames (RFC 6455) of one direction, and the messages that they make. */

import type { Exchange } from "../protocol/exchange.ts";
import { joined } from "./bytes.ts";
import { listOf } from "./headers.ts";

/** The bodies of such an exchange are frames. */
export function isWebSocket({ request, response }: Exchange): boolean {
  const asks = [request, response].some((head) =>
    listOf(head?.headers ?? [], "upgrade").includes("websocket"),
  );
  return response?.status === 101 && asks;
}

export type FrameKind = "text" | "binary" | "close" | "ping" | "pong";

export interface FramedMessage {
  kind: FrameKind;
  /** In the direction's bytes: its first frame's first, and behind its last frame's last. */
  start: number;
  end: number;
  /** Its mask off; still compressed if it `isCompressed`. As far as it has come. */
  payload: Uint8Array;
  isCompressed: boolean;
  frames: number;
  /** Its last frame has come to its end. */
  isWhole: boolean;
}

export interface Framed {
  messages: FramedMessage[];
  /** Where what follows is no frame. */
  brokenAt?: number;
}

interface Frame {
  opcode: number;
  isFinal: boolean;
  isCompressed: boolean;
  /** Of the payload; what has come of it may be less. */
  payload: { start: number; length: number };
  mask: Uint8Array | undefined;
  /** Behind the frame. */
  end: number;
}

const kinds = new Map<number, FrameKind>([
  [1, "text"],
  [2, "binary"],
  [8, "close"],
  [9, "ping"],
  [10, "pong"],
]);
const maxControl = 125;

/** How a direction's frames may look. */
export interface Framing {
  /** As a client's are. */
  isMasked: boolean;
  /** Both sides have agreed on compression. */
  mayBeCompressed: boolean;
}

/** `bytes` begin with a frame. `from`: where they begin in the direction, of which nothing before is known. */
export function readFramed(bytes: Uint8Array, framing: Framing, from = 0): Framed {
  const messages: FramedMessage[] = [];
  /** Whose next frame is to come; control frames may stand between. */
  let open: { message: FramedMessage; parts: Uint8Array[] } | undefined;
  /** Frames may come of a message whose beginning is not here. */
  let isHeadless = from > 0;
  for (let at = 0; at < bytes.length;) {
    const frame = readFrame(bytes, at, framing);
    if (frame === "more") break;
    if (frame === "broken") return { messages, brokenAt: from + at };
    if (frame.opcode === 0 && isHeadless) {
      at = frame.end;
      continue;
    }
    if (frame.opcode < 8) {
      isHeadless = false;
      if ((frame.opcode === 0) !== (open !== undefined)) return { messages, brokenAt: from + at };
    }
    const isWhole = frame.end <= bytes.length;
    const payload = unmasked(bytes, frame);
    const end = from + Math.min(frame.end, bytes.length);
    if (open !== undefined && frame.opcode === 0) {
      open.parts.push(payload);
      const { message } = open;
      Object.assign(message, { end, frames: message.frames + 1, isWhole: isWhole && frame.isFinal });
      if (frame.isFinal) {
        message.payload = joined(open.parts);
        open = undefined;
      }
    } else {
      const kind = kinds.get(frame.opcode)!;
      const { isFinal, isCompressed } = frame;
      const message: FramedMessage = {
        ...{ kind, start: from + at, end, payload, isCompressed, frames: 1, isWhole: isWhole && isFinal },
      };
      messages.push(message);
      if (!isFinal) open = { message, parts: [payload] };
    }
    at = frame.end;
  }
  if (open !== undefined) open.message.payload = joined(open.parts);
  return { messages };
}

/** Frames in a row that are no chance, and those after which nobody looks for more proof. */
const plausible = 4;
const proven = 64;
/** Bytes that are searched for the next frame. */
const searched = 256 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Where the first frame begins in bytes that begin in the midst of one, as behind a gap; -1: none is found. */
export function findFrame(bytes: Uint8Array, framing: Framing): number {
  for (let start = 0; start < Math.min(bytes.length, searched); start++)
    if (areFrames(bytes, start, framing)) return start;
  return -1;
}

/** What lies behind `start` is frames up to the end of what is there. */
function areFrames(bytes: Uint8Array, start: number, framing: Framing): boolean {
  let at = start;
  /** A message's next frame is to come; undefined: one's may be, whose beginning is not here. */
  let isOpen: boolean | undefined;
  for (let count = 0; count < proven; count++) {
    const frame = at < bytes.length ? readFrame(bytes, at, framing) : "more";
    if (frame === "broken") return false;
    // One frame alone may be chance, or one whose end is not here.
    if (frame === "more") return count >= plausible || (at === bytes.length && count > 1);
    if (frame.end > bytes.length) return count >= plausible;
    if (count === 0 && !mayBeSaid(bytes, frame)) return false;
    if (frame.opcode < 8) {
      const goesOn = frame.opcode === 0;
      if (isOpen !== undefined && goesOn !== isOpen) return false;
      isOpen = !frame.isFinal;
    }
    at = frame.end;
    if (frame.opcode === 8) return count > 0 && at === bytes.length;
  }
  return true;
}

/** A text is text: chance would hardly make one. */
function mayBeSaid(bytes: Uint8Array, frame: Frame): boolean {
  if (frame.opcode !== 1 || !frame.isFinal || frame.isCompressed) return true;
  return isUtf8(unmasked(bytes, frame));
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function readFrame(
  bytes: Uint8Array,
  at: number,
  { isMasked, mayBeCompressed }: Framing,
): Frame | "more" | "broken" {
  const [first = 0, second] = bytes.subarray(at, at + 2);
  const opcode = first & 0xf;
  const isFinal = (first & 0x80) !== 0;
  const isControl = opcode >= 8;
  if ((first & 0x30) !== 0 || (opcode !== 0 && !kinds.has(opcode))) return "broken";
  if ((first & 0x40) !== 0 && !mayBeCompressed) return "broken";
  if (second === undefined) return "more";
  if (((second & 0x80) !== 0) !== isMasked) return "broken";
  const short = second & 0x7f;
  if (isControl && (!isFinal || short > maxControl || (first & 0x40) !== 0)) return "broken";
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskSize = isMasked ? 4 : 0;
  const start = at + 2 + lengthSize + maskSize;
  if (bytes.length < start) return "more";
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + 2, lengthSize);
  const length =
    lengthSize === 0 ? short : lengthSize === 2 ? view.getUint16(0) : Number(view.getBigUint64(0));
  // The shortest form has to be used, and no more than 63 bits.
  if ((lengthSize === 2 && length < 126) || (lengthSize === 8 && length < 65_536)) return "broken";
  if (!Number.isSafeInteger(length)) return "broken";
  return {
    opcode,
    isFinal,
    isCompressed: (first & 0x40) !== 0,
    payload: { start, length },
    mask: isMasked ? bytes.subarray(start - 4, start) : undefined,
    end: start + length,
  };
}

function unmasked(bytes: Uint8Array, { payload: { start, length }, mask }: Frame): Uint8Array {
  const payload = bytes.subarray(start, start + length);
  return mask === undefined ? payload : payload.map((byte, i) => byte ^ mask[i & 3]!);
}
