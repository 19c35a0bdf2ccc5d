import type { MissingReason, Side, Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import { HeaderBlocks, type HeaderBlock } from "./blocks.ts";
import {
  frameFlag,
  frameType,
  hasFlag,
  initialWindow,
  readStream,
  readUint32,
  type FrameHead,
} from "./frame.ts";
import { FrameReader, type Begin, type FrameSink } from "./frames.ts";

/** What a half tells its connection. `side`: its own, of requests or responses. */
export interface HalfOwner {
  /** DATA of the stream may come from that side. */
  isOpen(side: Side, stream: number): boolean;
  /** A block of fields begins: when and where is of interest. `ahead`: bytes behind its frame's head that have come with it. */
  blockBegins(side: Side, ahead: number): void;
  block(side: Side, block: HeaderBlock): void;
  bodyData(side: Side, stream: number, at: number, length: number, source: Source): void;
  bodyMissing(side: Side, stream: number, length: number, reason: MissingReason): void;
  /** How many of the missing bytes were data can't be told. */
  unsure(side: Side, stream: number): void;
  /** Nothing more of the stream will come from that side. */
  ended(side: Side, stream: number): void;
  /** Nor from any. `code`: an error's. */
  reset(side: Side, stream: number, code: number): void;
  /** Streams that the other side began after `last` are given up. */
  goAway(side: Side, last: number, code: number): void;
  /** A DATA frame of so many bytes, padding included, is over. */
  sent(side: Side, stream: number, length: number): void;
  /** The side asks for so many bytes more; `stream` 0: of all streams together. */
  granted(side: Side, stream: number, length: number): void;
  /** The side asks for so many bytes of each stream at first. */
  resized(side: Side, window: number): void;
  /** Frames may have been lost among so many bytes. */
  lost(side: Side, length: number): void;
}

/** One direction: its frames, and the header blocks in them. */
export class Half implements FrameSink {
  readonly #side: Side;
  readonly #owner: HalfOwner;
  readonly #reader: FrameReader;
  readonly #blocks: HeaderBlocks;

  constructor(side: Side, begin: Begin, owner: HalfOwner, slabs: Slabs) {
    this.#side = side;
    this.#owner = owner;
    this.#reader = new FrameReader(begin, this, slabs);
    this.#blocks = new HeaderBlocks(begin !== "middle");
  }

  /** As StreamSink.data. */
  give(at: number, length: number, source: Source, callStart: boolean): void {
    this.#reader.data(at, length, source, callStart);
  }

  gap(length: number, reason: MissingReason): void {
    this.#reader.gap(length, reason);
  }

  isOpen(stream: number): boolean {
    return this.#owner.isOpen(this.#side, stream);
  }

  frame(head: FrameHead, ahead: number): void {
    const { type } = head;
    if (type !== frameType.continuation) this.#interrupt();
    if (type === frameType.headers || type === frameType.pushPromise)
      this.#owner.blockBegins(this.#side, ahead);
  }

  data({ stream }: FrameHead, at: number, length: number, source: Source): void {
    this.#owner.bodyData(this.#side, stream, at, length, source);
  }

  missing({ stream }: FrameHead, length: number, reason: MissingReason): void {
    this.#owner.bodyMissing(this.#side, stream, length, reason);
  }

  dataEnd(head: FrameHead, whole: boolean): void {
    if (!whole) this.#owner.unsure(this.#side, head.stream);
    this.#owner.sent(this.#side, head.stream, head.length);
    if (hasFlag(head, frameFlag.endStream)) this.#owner.ended(this.#side, head.stream);
  }

  payload(head: FrameHead, bytes: Buffer): void {
    switch (head.type) {
      case frameType.headers:
      case frameType.pushPromise:
      case frameType.continuation:
        this.#block(this.#blocks.payload(head, bytes));
        return;
      case frameType.rstStream:
        this.#owner.reset(this.#side, head.stream, bytes.length < 4 ? -1 : readUint32(bytes, 0));
        return;
      case frameType.settings: {
        const window = initialWindow(bytes);
        if (window !== undefined) this.#owner.resized(this.#side, window);
        return;
      }
      case frameType.windowUpdate:
        if (bytes.length >= 4) this.#owner.granted(this.#side, head.stream, readStream(bytes, 0));
        return;
      case frameType.goAway:
        if (bytes.length >= 8) this.#owner.goAway(this.#side, readStream(bytes, 0), readUint32(bytes, 4));
    }
  }

  lost(length: number): void {
    this.#interrupt();
    this.#blocks.forget();
    this.#owner.lost(this.#side, length);
  }

  #interrupt(): void {
    this.#block(this.#blocks.interrupt());
  }

  #block(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    this.#owner.block(this.#side, block);
    if (block.endStream) this.#owner.ended(this.#side, block.stream);
  }
}
