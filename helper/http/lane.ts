import type { Header, MissingReason, Source, State } from "../../protocol/exchange.ts";
import type { BufferPool } from "../stream/pool.ts";
import { Stream } from "../stream/stream.ts";
import type { BodyRecorder } from "./body.ts";
import type { Head } from "./head.ts";
import { Parser, type MessageSink, type Next } from "./parser.ts";
import type { ExchangeRecord } from "./record.ts";

export type End = Exclude<State, "in-flight">;

/** What a lane tells its connection. */
export interface LaneOwner {
  /** The capture has ended, and with it what was in flight. */
  readonly stopped: boolean;
  /** Kernel milliseconds of what is being handed on. */
  readonly now: number;
  head(lane: Lane, head: Head, pipelined: boolean): Next;
  /** Bytes or a gap were added to `lane.body`. */
  grown(lane: Lane): void;
  /** The message's end, and why it has come. */
  messageEnd(lane: Lane, end: End): void;
  lost(lane: Lane, inBody: boolean): void;
  skipped(lane: Lane, length: number): void;
  heldTooMuch(): void;
  refused(lane: Lane): boolean;
  /** Bytes were moved by nothing that is traced. */
  untraced(): void;
}

/** One direction of a connection: a stream, its parser, and the message at hand. */
export class Lane implements MessageSink {
  readonly stream: Stream;
  readonly parser: Parser;
  /** The exchange of the message whose body is being read, and that body. */
  record: ExchangeRecord | undefined;
  current: BodyRecorder | undefined;
  /** Kernel milliseconds of the message's first byte. */
  messageStart = 0;
  /** Something was lost before it was known what the lane carries. */
  lostEarly = false;
  readonly #owner: LaneOwner;

  constructor(owner: LaneOwner, pool: BufferPool, maxHeld: number) {
    this.#owner = owner;
    this.parser = new Parser(this);
    this.stream = new Stream(this.parser, pool, maxHeld, () => owner.untraced());
  }

  begin(): void {
    this.messageStart = this.#owner.now;
  }

  head(head: Head, pipelined: boolean): Next {
    return this.#owner.head(this, head, pipelined);
  }

  body(bytes: Uint8Array, source: Source): void {
    this.current?.append(bytes, source);
    this.#owner.grown(this);
  }

  missing(length: number, reason: MissingReason): void {
    this.current?.miss(length, reason);
    this.#owner.grown(this);
  }

  trailers(headers: Header[]): void {
    const message = this.parser.kind === "request" ? this.record?.request : this.record?.response;
    if (message === undefined) return;
    const { head } = message;
    // A new one, as heads are shared.
    message.head = { ...head, headers: [...head.headers, ...headers] };
  }

  end(): void {
    this.#end("complete");
  }

  cutOff(remaining: number | undefined): void {
    if (remaining !== undefined) this.current?.miss(remaining, "never-sent");
    this.#end(this.#owner.stopped ? "stopped" : "closed");
  }

  framingLost(length: number): void {
    this.current?.miss(length, "framing-lost");
    if (this.current !== undefined) this.current.end = "lost";
    this.#owner.lost(this, true);
  }

  lost(): void {
    this.#owner.lost(this, false);
  }

  skipped(length: number): void {
    this.#owner.skipped(this, length);
  }

  #end(end: End): void {
    if (this.current !== undefined) this.current.end = end;
    this.#owner.messageEnd(this, end);
  }

  heldTooMuch(): void {
    this.#owner.heldTooMuch();
  }

  refused(): boolean {
    return this.#owner.refused(this);
  }
}
