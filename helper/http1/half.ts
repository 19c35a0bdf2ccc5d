import type { Header, MissingReason, Source } from "../../protocol/exchange.ts";
import type { Direction } from "../stream/segment.ts";
import type { Cause } from "../stream/protocol.ts";
import type { Stream } from "../stream/stream.ts";
import type { BodyRecorder } from "../exchanges/body.ts";
import { whyCutOff } from "../exchanges/cut-off.ts";
import { dataIn } from "./chunks.ts";
import type { Head } from "./head.ts";
import type { Moment } from "./moment.ts";
import { Parser, type MessageSink, type Next } from "./parser.ts";
import type { End, CapturedExchange } from "../exchanges/captured-exchange.ts";
import type { Store } from "../exchanges/store.ts";

/** What a half tells its connection. */
export interface HalfOwner {
  head(half: Half, head: Head, pipelined: boolean): Next;
  /** The message of `half.exchange`, which ended so. */
  ended(half: Half, exchange: CapturedExchange, end: End): void;
  /** Heads may have been lost. */
  lost(half: Half): void;
  /** Bytes up to that number came that belong to no message, or to a body whose framing was lost. */
  skipped(half: Half, length: number, until: number): void;
  /** Nobody wants the direction's bytes up to that sequence number; undefined: all of them again. */
  muteUntil(direction: Direction, until: number | undefined): void;
}

/** Fewer bytes are on their way by the time the kernel hears of it; of more, half of the numbers' range can't tell. */
const worthMuting = 16 * 1024;
const mostMuted = 2 ** 30;

/** One direction of a connection: its parser, and the message at hand. */
export class Half implements MessageSink {
  readonly direction: Direction;
  readonly stream: Stream;
  readonly parser: Parser;
  /** The exchange of the message whose body is being read, and that body. */
  exchange: CapturedExchange | undefined;
  current: BodyRecorder | undefined;
  /** Kernel milliseconds: when the message's first byte was received, or the call that sent it began. */
  messageStart = 0;
  /** Kernel milliseconds: when the message's first byte was told. */
  messageSeen = 0;
  /** When the message's first byte was moved; where interim responses came before it, the first one's. */
  first: Moment = { number: 0, other: undefined };
  /** When the last byte before that was moved, if a message ended there. */
  before: Moment | undefined;
  /** When the last message's last byte was moved, unless anything has come since, or was lost. */
  boundary: Moment | undefined;
  /** When the last byte was moved, if it belongs to no message. */
  skippedUntil: Moment | undefined;
  /** Bytes came that belong to no message. */
  isOther = false;
  /** A head came that would make a server of who connected, or a client of who accepted. */
  isReversed = false;
  /** The message at hand is a request behind which another protocol may begin. */
  mayUpgrade = false;
  /** Something was lost before it was known what it carries. */
  lostEarly = false;
  /** Where the other direction stood when the head's first byte was moved, interim responses' heads not counted. */
  headOther: number | undefined;
  /** The message answers no known request: its body's length may be wrong, as nobody knows the method. */
  #isOrphan = false;
  /** The message's framing was lost: what comes before the next one belongs to its body, and can't be told from framing. */
  #framingLost = false;
  /** It was lost in a gap. */
  #unseen = false;
  #isInterim = false;
  /** The message at hand is a request that waits for leave to send its body. */
  #expectsContinue = false;
  readonly #owner: HalfOwner;
  readonly #store: Store;
  /** While the direction is being ended: by what, and whether nothing is missing. */
  #ending: { cause: Cause; whole: boolean } | undefined;
  /** Up to this number the kernel was told to send no bytes. */
  #mutedUntil: number | undefined;

  constructor(direction: Direction, stream: Stream, owner: HalfOwner, store: Store) {
    this.direction = direction;
    this.stream = stream;
    this.#owner = owner;
    this.#store = store;
    this.parser = new Parser(this, store.slabs);
  }

  get waiting(): boolean {
    return this.parser.waiting;
  }

  data(at: number, length: number, source: Source, callStart: boolean): number {
    // Whoever asked for it has gone on: to a next request, perhaps, after a HEAD.
    if (this.#isOrphan && this.stream.other !== this.headOther) this.endOrphan(length, "complete");
    return this.parser.data(at, length, source, callStart);
  }

  gap(length: number, reason: MissingReason): void {
    if (this.#isOrphan && this.stream.other !== this.headOther) this.endOrphan(length, "lost");
    this.parser.gap(length, reason);
  }

  /** Asks again what follows the head that had to wait, and goes on with what came meanwhile. */
  retry(): void {
    this.parser.retry();
    this.stream.resume();
  }

  begin(ahead: number): void {
    this.messageStart = this.stream.began;
    this.messageSeen = this.stream.time;
    this.headOther = this.stream.other;
    if (!this.#isInterim) {
      this.before = this.boundary;
      this.first = this.#moment(ahead);
    }
    this.boundary = undefined;
    this.skippedUntil = undefined;
  }

  head(head: Head, pipelined: boolean): Next {
    const next = this.#owner.head(this, head, pipelined);
    if (next !== "wait") this.#isInterim = next === "interim";
    this.#expectsContinue = head.kind === "request" && head.control.expectsContinue;
    return next;
  }

  body(at: number, length: number, source: Source): void {
    this.current?.append(at, length, source, this.stream.time);
    this.#touch();
  }

  awaits(remaining: number): void {
    if (remaining < worthMuting || remaining > mostMuted || this.current?.full !== true) return;
    const until = (this.stream.number + remaining) >>> 0;
    if (until !== this.#mutedUntil) this.#mute(until);
  }

  missing(length: number, reason: MissingReason): void {
    this.current?.miss(length, reason);
    this.#touch();
  }

  trailers(headers: Header[]): void {
    const { exchange, current } = this;
    const message = exchange?.request?.body === current ? exchange?.request : exchange?.response;
    if (message !== undefined) message.trailers = headers;
  }

  end(ahead: number): boolean {
    const { mayUpgrade } = this;
    this.boundary = this.#moment(ahead);
    this.#end("complete");
    return mayUpgrade;
  }

  cutOff(remaining: number | undefined): void {
    if (remaining !== undefined) this.current?.miss(remaining, this.#whyCutOff);
    this.#end(this.#ending?.cause ?? "closed");
  }

  framingLost(unseen: boolean): void {
    this.#framingLost = true;
    this.#unseen = unseen;
    if (this.current !== undefined) this.current.end = "lost";
    if (this.exchange !== undefined) this.exchange.harm ??= "lost";
  }

  lost(length: number): void {
    this.boundary = undefined;
    this.skippedUntil = undefined;
    this.#isInterim = false;
    this.#missFraming(length);
    this.#owner.lost(this);
  }

  skipped(length: number, ahead: number): void {
    this.boundary = undefined;
    this.#isInterim = false;
    this.#missFraming(length);
    this.skippedUntil = this.#moment(ahead);
    this.#owner.skipped(this, length, this.skippedUntil.number);
  }

  doubtsBody(): "refused" | "unknown" | undefined {
    if (this.#isOrphan) return "unknown";
    if (!this.#expectsContinue) return undefined;
    return (this.exchange?.response?.head.status ?? 0) >= 300 ? "refused" : undefined;
  }

  endUnknown(): void {
    this.#end("lost");
    this.#isOrphan = true;
  }

  /**
   * A body whose framing was lost ends where the next message begins, its connection ends, or nothing comes any more. Gives
   * whether there was one.
   */
  endUnframed(): boolean {
    if (!this.#framingLost) return false;
    this.#framingLost = false;
    this.#end("lost");
    return true;
  }

  beginOrphan(): void {
    this.#isOrphan = true;
  }

  /** The orphan ends here, so, if it had no body; or not with the one that it seemed to have. */
  endOrphan(ahead: number, end: End): void {
    if (!this.#isOrphan) return;
    // The size of its first chunk may have come, and no data yet.
    const hasNone = this.current?.size === 0 && this.parser.untouched;
    this.parser.abandon();
    this.boundary = { number: this.#moment(ahead).number, other: this.headOther };
    this.#end(hasNone ? end : "lost");
  }

  /** The message goes on in another protocol. */
  letGo(): void {
    this.exchange = undefined;
    this.current = undefined;
    this.mayUpgrade = false;
  }

  /** What seemed to be a message is none. */
  abandon(): void {
    this.parser.abandon();
    this.#framingLost = false;
    this.#end("lost");
  }

  /** No more bytes will come. `cause`: what becomes of a message that hasn't ended. */
  stop(cause: Cause, whole: boolean): void {
    this.#ending = { cause, whole };
    this.parser.end(whole);
    this.endUnframed();
    this.#ending = undefined;
  }

  #moment(ahead: number): Moment {
    return { number: (this.stream.number - ahead) >>> 0, other: this.stream.other };
  }

  /** Of what had not come when the message was cut off. */
  get #whyCutOff(): MissingReason {
    const ending = this.#ending;
    return ending === undefined ? "never-sent" : whyCutOff(this.direction, ending.cause, ending.whole);
  }

  #missFraming(length: number): void {
    if (!this.#framingLost || this.exchange === undefined) return;
    const data = this.#unseen ? dataIn(length) : length;
    this.current?.miss(data, "framing-lost");
    this.#touch();
  }

  #touch(): void {
    if (this.exchange !== undefined) this.#store.touch(this.exchange);
  }

  #mute(until: number | undefined): void {
    this.#mutedUntil = until;
    this.#owner.muteUntil(this.direction, until);
  }

  #end(end: End): void {
    // Numbers wrap: what is behind today would be ahead again after 2 GiB.
    if (this.#mutedUntil !== undefined) this.#mute(undefined);
    if (this.current !== undefined) this.current.end = end;
    const { exchange } = this;
    this.letGo();
    this.#isOrphan = false;
    if (exchange !== undefined) this.#owner.ended(this, exchange, end);
  }
}
