import type { MissingReason, Source } from "../../protocol/exchange.ts";
import { Partial } from "../memory/partial.ts";
import type { Slabs } from "../memory/slabs.ts";
import {
  frameFlag,
  frameHeadBytes,
  frameType,
  hasFlag,
  isValid,
  maxPayload,
  readFrameHead,
  type FrameHead,
} from "./frame.ts";
import { preface } from "./preface.ts";
import { FrameSeeker } from "./seek.ts";

/** Takes one direction's frames, in order. */
export interface FrameSink {
  /** A frame's head: its payload comes next. `ahead`: bytes behind the head that have come with it. */
  frame(head: FrameHead, ahead: number): void;
  /** Bytes of a DATA frame's data, `length` of them at `at` in the slabs. Padding is left out. */
  data(head: FrameHead, at: number, length: number, source: Source): void;
  /** Data of a DATA frame that is missing. */
  missing(head: FrameHead, length: number, reason: MissingReason): void;
  /** A DATA frame's end. `whole`: it is known where its data ended; else padding may be counted as missing. */
  dataEnd(head: FrameHead, whole: boolean): void;
  /** The payload of any other frame of a known type, true until this returns. `whole`: otherwise it is a beginning. */
  payload(head: FrameHead, bytes: Buffer, whole: boolean): void;
  /** Whether DATA of that stream may come: asked where frames are sought. */
  isOpen(stream: number): boolean;
  /** Frames may have been lost among so many bytes. */
  lost(length: number): void;
}

/** Where a direction's bytes begin: a client's with its preface, a server's with a frame; or in the middle. */
export type Begin = "preface" | "frame" | "middle";

const nothing = Buffer.alloc(0);

/**
 * HTTP/2's frames from one direction's bytes and gaps. Data isn't copied; a gap inside of a frame costs no more than its
 * range of that frame. Where a gap may have swallowed a frame's head the next frame is sought.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #slabs: Slabs;
  readonly #seeker: FrameSeeker;
  /** What of a frame's head, or of a payload that isn't data, came in the calls before. */
  readonly #partial = new Partial();
  #state: "preface" | "seek" | "head" | "payload";
  /** In "preface": bytes to come. */
  #prefaceLeft = preface.length;
  /** In "payload": its frame, and bytes to come, padding included. */
  #frame: FrameHead = { length: 0, type: 0, flags: 0, stream: 0 };
  #left = 0;
  /** Of DATA: bytes of padding at the payload's end; undefined: the byte that tells has not come. */
  #padding: number | undefined = 0;
  /** Nothing of the payload has been lost. */
  #whole = true;

  constructor(begin: Begin, sink: FrameSink, slabs: Slabs) {
    this.#seeker = new FrameSeeker((stream) => sink.isOpen(stream));
    this.#state = begin === "frame" ? "head" : begin === "middle" ? "seek" : "preface";
    this.#sink = sink;
    this.#slabs = slabs;
  }

  /** `length` bytes at `from` in the slabs. `callStart`: they are the first that a system call moved. */
  data(from: number, length: number, source: Source, callStart: boolean): void {
    if (this.#isData && length < this.#left - (this.#padding ?? this.#left)) {
      // Most bytes are data: these need no look at all.
      this.#left -= length;
      this.#sink.data(this.#frame, from, length, source);
      return;
    }
    const bytes = this.#slabs.view(from, length);
    for (let at = 0; at < length;) {
      switch (this.#state) {
        case "preface":
          at += this.#passPreface(length - at);
          break;
        case "seek":
          at = this.#seek(bytes, at, callStart && at === 0);
          break;
        case "head":
          at = this.#head(bytes, at);
          break;
        case "payload":
          at += this.#isData ? this.#data(bytes, at, from, source) : this.#collect(bytes, at);
      }
    }
  }

  gap(length: number, reason: MissingReason): void {
    let beyond = length;
    if (this.#state === "preface" && length > 0) beyond -= this.#passPreface(length);
    else if (this.#state === "payload" && length > 0) beyond -= this.#losePayload(length, reason);
    if (beyond > 0 || length === 0) this.#lose(beyond);
  }

  get #isData(): boolean {
    return this.#state === "payload" && this.#frame.type === frameType.data;
  }

  /** Gives how many of the next bytes belong to it. */
  #passPreface(available: number): number {
    const length = Math.min(available, this.#prefaceLeft);
    this.#prefaceLeft -= length;
    if (this.#prefaceLeft === 0) this.#state = "head";
    return length;
  }

  #seek(bytes: Buffer, at: number, callStart: boolean): number {
    const found = this.#seeker.find(bytes.subarray(at), callStart);
    if (found < 0) {
      this.#sink.lost(bytes.length - at);
      return bytes.length;
    }
    if (found > 0) this.#sink.lost(found);
    this.#state = "head";
    return at + found;
  }

  #head(bytes: Buffer, at: number): number {
    const begun = this.#partial.length;
    const end = Math.min(at + frameHeadBytes - begun, bytes.length);
    if (begun > 0 || end - at < frameHeadBytes) {
      this.#partial.append(bytes, at, end);
      if (this.#partial.length < frameHeadBytes) return end;
    }
    const head = begun > 0 ? readFrameHead(this.#partial.bytes, 0) : readFrameHead(bytes, at);
    this.#partial.length = 0;
    if (isValid(head)) this.#begin(head, bytes.length - end);
    else this.#lose(frameHeadBytes);
    return end;
  }

  #begin(head: FrameHead, ahead: number): void {
    this.#state = "payload";
    this.#frame = head;
    this.#left = head.length;
    this.#whole = true;
    const isPadded = head.type === frameType.data && hasFlag(head, frameFlag.padded);
    this.#padding = isPadded ? undefined : 0;
    this.#sink.frame(head, ahead);
    if (head.length === 0) this.#end(nothing);
  }

  /** Bytes of a DATA frame. Gives how many. */
  #data(bytes: Buffer, at: number, from: number, source: Source): number {
    if (this.#padding === undefined) {
      this.#left--;
      this.#padding = Math.min(bytes[at]!, this.#left);
      if (this.#left === 0) this.#end(nothing);
      return 1;
    }
    const available = Math.min(bytes.length - at, this.#left);
    const data = Math.min(available, Math.max(this.#left - this.#padding, 0));
    this.#left -= available;
    if (data > 0) this.#sink.data(this.#frame, from + at, data, source);
    if (this.#left === 0) this.#end(nothing);
    return available;
  }

  /** Bytes of a payload that is needed whole. Gives how many. */
  #collect(bytes: Buffer, at: number): number {
    const length = Math.min(bytes.length - at, this.#left);
    const part = bytes.subarray(at, at + length);
    const isAll = length === this.#frame.length;
    this.#left -= length;
    if (!isAll && this.#frame.type <= frameType.continuation) this.#keep(part);
    if (this.#left === 0) this.#end(isAll ? part : this.#partial.bytes);
    return length;
  }

  #keep(part: Buffer): void {
    const room = maxPayload - this.#partial.length;
    if (this.#whole) this.#partial.append(part, 0, Math.min(part.length, room));
    if (part.length > room) this.#whole = false;
  }

  /** A gap in a payload. Gives how many of its bytes. */
  #losePayload(gap: number, reason: MissingReason): number {
    const length = Math.min(gap, this.#left);
    if (!this.#isData) this.#whole = false;
    else if (this.#padding === undefined) {
      // The byte is lost that told where the padding begins: nobody can tell it from data.
      this.#whole = false;
      this.#padding = this.#left;
      this.#sink.missing(this.#frame, this.#left, reason);
    } else {
      const data = Math.min(length, this.#left - this.#padding);
      if (data > 0) this.#sink.missing(this.#frame, data, reason);
    }
    this.#left -= length;
    if (this.#left === 0) this.#end(this.#partial.bytes);
    return length;
  }

  #end(payload: Buffer): void {
    this.#state = "head";
    const frame = this.#frame;
    if (frame.type === frameType.data) this.#sink.dataEnd(frame, this.#whole);
    else if (frame.type <= frameType.continuation) this.#sink.payload(frame, payload, this.#whole);
    this.#partial.length = 0;
  }

  #lose(length: number): void {
    // What has come of a frame's head is lost with the rest.
    this.#sink.lost(length + this.#partial.length);
    this.#partial.length = 0;
    this.#state = "seek";
    this.#seeker.pass(length);
  }
}
