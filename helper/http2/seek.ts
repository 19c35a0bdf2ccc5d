import { frameHeadBytes, frameType, isUsual, readFrameHead, readUint32, type FrameHead } from "./frame.ts";
import { HeaderBlocks } from "./blocks.ts";
import { hasName } from "./heads.ts";

/** Whether DATA of that stream may come. */
export type IsOpen = (stream: number) => boolean;

/** Frames in a row that nothing else looks like, wherever they begin: fewer if they end where the call does. */
const anywhere = { count: 3, toTheEnd: 2 };
/** Where a call begins, as programs write whole frames. */
const atCallStart = { count: 2, toTheEnd: 1 };
/** Error codes that have a name; others are nobody's. */
const lastErrorCode = 13;

const wholeName = /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * What a frame's head at `at`, which is there as a whole, makes of it. `no`: nobody sends that. `request`, `response`: its
 * fields begin one.
 */
export function judge(bytes: Buffer, at: number, isOpen: IsOpen): "no" | "perhaps" | "request" | "response" {
  const head = readFrameHead(bytes, at);
  if (!isUsual(head)) return "no";
  const from = at + frameHeadBytes;
  const payload = from + head.length <= bytes.length ? bytes.subarray(from, from + head.length) : undefined;
  switch (head.type) {
    case frameType.data:
      return isOpen(head.stream) ? "perhaps" : "no";
    case frameType.headers:
    case frameType.pushPromise:
      return payload === undefined ? "perhaps" : judgeFields(head, payload);
    case frameType.rstStream:
      return payload === undefined || readUint32(payload, 0) <= lastErrorCode ? "perhaps" : "no";
    case frameType.goAway:
      return payload === undefined || readUint32(payload, 4) <= lastErrorCode ? "perhaps" : "no";
    case frameType.windowUpdate:
      return payload === undefined || isIncrement(readUint32(payload, 0)) ? "perhaps" : "no";
    default:
      return "perhaps";
  }
}

function isIncrement(value: number): boolean {
  return value > 0 && value <= 0x7fffffff;
}

function judgeFields(head: FrameHead, payload: Buffer): "no" | "perhaps" | "request" | "response" {
  const block = new HeaderBlocks(false).payload(head, payload);
  if (block?.whole !== true || block.isCut || block.fields.length === 0) return "no";
  if (!block.fields.every(({ name }) => name === undefined || wholeName.test(name))) return "no";
  if (head.type !== frameType.headers) return "perhaps";
  if (hasName(block.fields, [":status"])) return "response";
  return hasName(block.fields, [":method", ":path"]) ? "request" : "perhaps";
}

/**
 * How sure it is that frames begin at `at`: `yes`, if enough are in a row; `perhaps`, if the last one goes on beyond: `next`
 * is where the next is to be. `no` otherwise.
 */
function follow(
  bytes: Buffer,
  at: number,
  enough: typeof anywhere,
  isOpen: IsOpen,
): { found: "yes" | "perhaps" | "no"; next: number } {
  let next = at;
  /** Of the latest head, whose DATA may follow. */
  let latest = 0;
  const mayHaveData = (stream: number) => stream === latest || isOpen(stream);
  for (let frames = 0; frames < enough.count; frames++) {
    if (next === bytes.length) return { found: frames >= enough.toTheEnd ? "yes" : "no", next };
    if (next + frameHeadBytes > bytes.length) return { found: frames > 0 ? "perhaps" : "no", next };
    if (judge(bytes, next, mayHaveData) === "no") return { found: "no", next };
    const head = readFrameHead(bytes, next);
    if (head.type === frameType.headers) latest = head.stream;
    next += frameHeadBytes + head.length;
  }
  return { found: "yes", next };
}

/** Finds where frames begin, after some were lost or before the first was seen. */
export class FrameSeeker {
  readonly #isOpen: IsOpen;
  /** Bytes until the head is due that will confirm the one seen where a call began. */
  #due: number | undefined;

  constructor(isOpen: IsOpen) {
    this.#isOpen = isOpen;
  }

  /** Where in `bytes`, which come next, frames begin; -1: not here. */
  find(bytes: Buffer, callStart: boolean): number {
    const due = this.#due;
    this.#due = undefined;
    if (due !== undefined && due + frameHeadBytes <= bytes.length && judge(bytes, due, this.#isOpen) !== "no")
      return due;
    const first = callStart ? follow(bytes, 0, atCallStart, this.#isOpen) : undefined;
    if (first?.found === "yes") return 0;
    // Go reads a frame's head by a call of its own; that of DATA is too much like numbers that are stored.
    const isHeadAlone = bytes.length === frameHeadBytes && bytes[3] !== frameType.data;
    if (first?.found === "perhaps" && isHeadAlone) return 0;
    for (let at = 0; at + frameHeadBytes <= bytes.length; at++)
      if (mayBegin(bytes, at) && follow(bytes, at, anywhere, this.#isOpen).found === "yes") return at;
    if (due !== undefined && due >= bytes.length) this.#due = due - bytes.length;
    else if (first?.found === "perhaps" && first.next >= bytes.length) this.#due = first.next - bytes.length;
    return -1;
  }

  /** So many bytes have been lost, or aren't looked at. */
  pass(length: number): void {
    if (this.#due !== undefined) this.#due = this.#due >= length ? this.#due - length : undefined;
  }
}

/** Most places are no head's, and say so at once. */
function mayBegin(bytes: Buffer, at: number): boolean {
  return bytes[at]! <= 0x10 && bytes[at + 3]! < frameType.continuation && bytes[at + 5]! <= 0x7f;
}
