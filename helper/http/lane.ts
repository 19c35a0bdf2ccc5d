import type { Header, MissingReason, Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import { Stream } from "../stream/stream.ts";
import type { BodyRecorder } from "./body.ts";
import type { Head } from "./head.ts";
import { Parser, type MessageSink, type Next } from "./parser.ts";
import type { End, Ending, ExchangeRecord } from "./record.ts";

/** What a lane tells its connection. */
export interface LaneOwner {
  /** What becomes of a message that hasn't ended, while its direction is being ended. */
  readonly ending: Ending | undefined;
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
  /** Nobody wants the lane's bytes up to that sequence number; undefined: all of them again. */
  muteUntil(lane: Lane, until: number | undefined): void;
}

/** Fewer bytes are on their way by the time the kernel hears of it; of more, half of the numbers' range can't tell. */
const worthMuting = 16 * 1024;
const mostMuted = 2 ** 30;

/** One direction of a connection: a stream, its parser, and the message at hand. */
export class Lane implements MessageSink {
  readonly stream: Stream;
  readonly parser: Parser;
  /** The exchange of the message whose body is being read, and that body. */
  record: ExchangeRecord | undefined;
  current: BodyRecorder | undefined;
  /** Kernel milliseconds of the message's first byte. */
  messageStart = 0;
  /** Its FIN was seen, with this number, but not yet everything before it. */
  finished: { number: number; time: number } | undefined;
  /** Bytes came that belong to no message. */
  isOther = false;
  /** Something was lost before it was known what the lane carries. */
  lostEarly = false;
  readonly #owner: LaneOwner;

  /** Up to this number the kernel was told to send no bytes. */
  #mutedUntil: number | undefined;

  constructor(owner: LaneOwner, slabs: Slabs, maxHeld: number) {
    this.#owner = owner;
    this.parser = new Parser(this, slabs);
    this.stream = new Stream(this.parser, slabs, maxHeld, () => owner.untraced());
  }

  begin(): void {
    this.messageStart = this.#owner.now;
  }

  head(head: Head, pipelined: boolean): Next {
    return this.#owner.head(this, head, pipelined);
  }

  body(at: number, length: number, source: Source): void {
    this.current?.append(at, length, source);
    this.#owner.grown(this);
  }

  awaits(remaining: number): void {
    if (remaining < worthMuting || remaining > mostMuted || this.current?.full !== true) return;
    const until = (this.stream.number + remaining) >>> 0;
    if (until !== this.#mutedUntil) this.#mute(until);
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
    this.#end(this.#owner.ending ?? "closed");
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

  #mute(until: number | undefined): void {
    this.#mutedUntil = until;
    this.#owner.muteUntil(this, until);
  }

  #end(end: End): void {
    // Numbers wrap: what is behind today would be ahead again after 2 GiB.
    if (this.#mutedUntil !== undefined) this.#mute(undefined);
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
