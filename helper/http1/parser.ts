import type { Header, MissingReason, Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import type { StreamSink } from "../stream/stream.ts";
import { skipLineEnds } from "./bytes.ts";
import { Chunks } from "./chunks.ts";
import type { Framing } from "./framing.ts";
import { HeadScanner } from "./head-scanner.ts";
import { classify, type Doubt, type HeadKind } from "./first-line.ts";
import type { Head } from "./head.ts";

/**
 * What follows a head. `interim`: another head of the same exchange. `orphan`: nobody knows what it answers, so its
 * body's end isn't known either. `wait`: that can't be told yet. `tunnel`: no HTTP/1 any more.
 */
export type Next = Framing | "interim" | "orphan" | "wait" | "tunnel";

/** Takes the messages of one direction. `ahead`: bytes that the stream has given beyond the place that is meant. */
export interface MessageSink {
  /** A message's first byte. */
  begin(ahead: number): void;
  /** `pipelined`: its first byte came in one call with the message before. */
  head(head: Head, pipelined: boolean): Next;
  /** Bytes of the body, `length` of them at `at` in the slabs. */
  body(at: number, length: number, source: Source): void;
  /** What has been given is parsed, and the body has so many bytes to come. */
  awaits(remaining: number): void;
  missing(length: number, reason: MissingReason): void;
  trailers(headers: Header[]): void;
  /** The message's end. Gives whether what follows must wait: it may be another protocol's. */
  end(ahead: number): boolean;
  /** The message ends before its body does, of which `remaining` bytes lack if that is known. */
  cutOff(remaining: number | undefined): void;
  /** The rest of the message's body can't be told from what follows it. `unseen`: its chunks may be good, but lost. */
  framingLost(unseen: boolean): void;
  /** Heads may have been lost among so many bytes; of a body whose framing was lost they may be, too. */
  lost(length: number): void;
  /** Bytes that belong to no message that we know, or to a body whose framing was lost. */
  skipped(length: number, ahead: number): void;
  /**
   * Why the message's body may not come, and the next head in its place: it was "refused" before its first byte; or it is
   * "unknown" what the message answers, and so whether it has a body.
   */
  doubtsBody(): "refused" | "unknown" | undefined;
  /** What comes looks like the next head, or is lost, and it is unknown whether the message has a body: it may be a part of that. */
  endUnknown(): void;
}

type State = "seek" | "head" | "wait" | "fixed" | "close" | "chunked" | "held" | "over";

/**
 * HTTP/1.x messages from one direction's bytes and gaps. A gap inside a body is stepped over. Where heads may have
 * been lost, the next message is sought where a system call starts with what looks like a head.
 */
export class Parser implements StreamSink {
  /** The kind of this direction's messages, once known. */
  kind: HeadKind | undefined;
  /** Where the head at hand begins was known beforehand: behind a message, or where the stream begins. */
  certain = false;
  /** Nothing has come since the last head. */
  untouched = false;
  readonly #sink: MessageSink;
  readonly #slabs: Slabs;
  readonly #heads = new HeadScanner();
  readonly #chunks = new Chunks();
  #state: State = "seek";
  /** While seeking: of the place where a head seems to begin. */
  #doubt: Doubt = "begins";
  /** In "fixed": bytes to come. */
  #remaining = 0;
  /** The message's first byte came in one call with the message before. */
  #pipelined = false;

  constructor(sink: MessageSink, slabs: Slabs) {
    this.#sink = sink;
    this.#slabs = slabs;
  }

  /** For what `sink.head` waits for, until `retry` is told something else; or behind a message, until `release`. */
  get waiting(): boolean {
    return this.#state === "wait" || this.#state === "held";
  }

  /** Bytes of a body are still to come, more than the end of its framing. */
  get inBody(): boolean {
    if (this.#state === "chunked") return this.#chunks.state !== "trailers";
    return this.#state === "fixed" || this.#state === "close";
  }

  data(from: number, length: number, source: Source, callStart: boolean): number {
    const taken = this.#data(from, length, source, callStart);
    if (this.#state === "fixed") this.#sink.awaits(this.#remaining);
    return taken;
  }

  #data(from: number, length: number, source: Source, callStart: boolean): number {
    if (this.#passOn(from, length, source)) return length;
    const bytes = this.#slabs.view(from, length);
    let at = 0;
    while (at < length) {
      const first = callStart && at === 0;
      switch (this.#state) {
        case "seek":
          at = this.#seek(bytes, at, first);
          break;
        case "head":
          at = this.#head(bytes, at, first);
          break;
        case "fixed":
          if (this.untouched && this.#hasNoBody(bytes, at, first)) break;
          at += this.#counted(from + at, length - at, source);
          break;
        case "chunked":
          if (this.untouched && this.#hasNoBody(bytes, at, first)) break;
          at = this.#chunked(bytes, at, from, source);
          break;
        case "close":
          if (this.untouched && this.#hasNoBody(bytes, at, first)) break;
          this.untouched = false;
          this.#sink.body(from + at, length - at, source);
          return length;
        case "wait":
        case "held":
        case "over":
          return at;
      }
    }
    return length;
  }

  gap(length: number, reason: MissingReason): void {
    switch (this.#state) {
      case "fixed": {
        const inside = Math.min(length, this.#remaining);
        this.#loseBeginning();
        this.#remaining -= inside;
        this.#sink.missing(inside, reason);
        if (this.#remaining === 0) this.#endMessage(length - inside);
        if (length > inside) this.gap(length - inside, reason);
        return;
      }
      case "chunked": {
        const inside = this.#chunks.state === "data" ? Math.min(length, this.#chunks.remaining) : 0;
        this.untouched = false;
        if (inside > 0) {
          this.#sink.missing(inside, reason);
          this.#chunks.pass(inside);
        }
        // The line end behind the data is no part of the next chunk.
        const lineEnd = this.#chunks.state === "data-end" ? 2 : 0;
        if (length > inside) this.#loseFraming(true, Math.max(length - inside - lineEnd, 0));
        return;
      }
      case "close":
        this.#loseBeginning();
        this.#sink.missing(length, reason);
        return;
      case "seek":
      case "head":
        this.#loseHead(length);
        return;
      case "wait":
      case "held":
      case "over":
        return;
    }
  }

  /** No more bytes will come. `whole`: and none have been lost at the end, as a FIN was seen. */
  end(whole: boolean): void {
    this.breakOff();
    const state = this.#state;
    this.#stop();
    if (state === "fixed") this.#sink.cutOff(this.#remaining);
    else if (state === "close" && whole) this.#sink.end(0);
    else if (state === "close" || state === "chunked") this.#sink.cutOff(undefined);
  }

  /** The head at hand, if there is one, won't come to its end: its message ends with what is known of it. */
  breakOff(kind = this.kind): void {
    if (this.#giveUnfinished(kind) !== undefined) this.#sink.cutOff(undefined);
  }

  /** The message is over, or given up: what comes next is sought. */
  abandon(): void {
    this.#state = "seek";
    this.#doubt = "lost";
    this.#heads.forget();
  }

  /** What follows the message is HTTP. */
  release(): void {
    if (this.#state === "held") this.#state = "head";
  }

  /** Asks again what follows the head that had to wait. */
  retry(): void {
    const { head } = this.#heads;
    if (this.#state === "wait" && head !== undefined) this.#follow(this.#sink.head(head, this.#pipelined), 0);
  }

  #seek(bytes: Buffer, at: number, callStart: boolean): number {
    const { begun } = this.#heads;
    if (begun === 0 && !callStart) return this.#skip(bytes.length - at, bytes, bytes.length);
    const found = this.#heads.looksLike(bytes.subarray(at), this.kind, this.#doubt);
    if (found === "no") {
      this.#heads.forget();
      if (begun === 0) return this.#skip(bytes.length - at, bytes, bytes.length);
      return this.#skip(begun, bytes, at);
    }
    if (begun === 0) this.#begin(false, bytes.length - at, this.#doubt === "begins");
    if (found === "more") return bytes.length;
    this.#state = "head";
    return this.#read(bytes, begun === 0 ? skipLineEnds(bytes, at) : at);
  }

  #head(bytes: Buffer, at: number, callStart: boolean): number {
    if (this.#heads.begun > 0) return this.#read(bytes, at);
    const start = skipLineEnds(bytes, at);
    if (start === bytes.length) return start;
    this.#begin(!callStart, bytes.length - start, true);
    return this.#read(bytes, start);
  }

  #read(bytes: Buffer, at: number): number {
    const { found, end } = this.#heads.read(bytes, at, this.kind);
    const { head } = this.#heads;
    if (found === "head" && head !== undefined)
      this.#follow(this.#sink.head(head, this.#pipelined), bytes.length - end);
    else if (found === "no") {
      this.#lose(0);
      this.#skip(end - at, bytes, end);
    }
    return end;
  }

  /** `length` bytes that end at `end` in `bytes`. */
  #skip(length: number, bytes: Buffer, end: number): number {
    this.#doubt = "lost";
    this.#sink.skipped(length, bytes.length - end);
    return end;
  }

  #begin(pipelined: boolean, ahead: number, certain: boolean): void {
    this.#pipelined = pipelined;
    this.certain = certain;
    this.#sink.begin(ahead);
  }

  #follow(next: Next, ahead: number): void {
    this.untouched = true;
    if (typeof next === "number") {
      this.#remaining = next;
      if (next > 0) this.#state = "fixed";
      else this.#endMessage(ahead);
      return;
    }
    switch (next) {
      case "chunked":
        this.#state = "chunked";
        this.#chunks.begin();
        return;
      case "close":
        this.#state = "close";
        return;
      case "interim":
        this.#state = "head";
        return;
      case "wait":
        this.#state = "wait";
        return;
      case "tunnel":
        this.#stop();
        return;
      case "invalid":
        this.#loseFraming(false, 0);
        return;
      case "orphan":
        this.abandon();
        return;
    }
  }

  /** Most bytes are a body's: these need no look at all. Gives whether all of them are. */
  #passOn(at: number, length: number, source: Source): boolean {
    switch (this.#state) {
      case "close":
        if (this.untouched) return false;
        this.#sink.body(at, length, source);
        return true;
      case "fixed":
        return !this.untouched && length <= this.#remaining && this.#counted(at, length, source) === length;
      case "chunked": {
        const { state, remaining } = this.#chunks;
        if (state !== "data" || length > remaining) return false;
        this.#chunkData(at, length, source);
        return true;
      }
      default:
        return false;
    }
  }

  /** Bytes of a body of known length. Gives how many. */
  #counted(at: number, available: number, source: Source): number {
    const length = Math.min(available, this.#remaining);
    this.untouched = false;
    this.#remaining -= length;
    this.#sink.body(at, length, source);
    if (this.#remaining === 0) this.#endMessage(available - length);
    return length;
  }

  /** `bytes` lie at `from`. Gives where it has come to. */
  #chunked(bytes: Buffer, at: number, from: number, source: Source): number {
    const chunks = this.#chunks;
    if (chunks.state === "data") {
      const length = Math.min(bytes.length - at, chunks.remaining);
      this.#chunkData(from + at, length, source);
      return at + length;
    }
    this.untouched = false;
    const end = chunks.read(bytes, at);
    if (chunks.state === "broken") {
      this.#loseFraming(false, 0);
      this.#skip(end - at, bytes, end);
    } else if (chunks.state === "done") {
      const { trailers } = chunks;
      if (trailers.length > 0) this.#sink.trailers(trailers);
      this.#endMessage(bytes.length - end);
    }
    return end;
  }

  #chunkData(at: number, length: number, source: Source): void {
    this.#chunks.pass(length);
    this.#sink.body(at, length, source);
  }

  #endMessage(ahead: number): void {
    this.#state = "head";
    if (this.#sink.end(ahead)) this.#state = "held";
  }

  /** What comes instead of the body's first byte, at `at`, is the next head. `first`: a call begins there. */
  #hasNoBody(bytes: Buffer, at: number, first: boolean): boolean {
    const doubt = this.#sink.doubtsBody();
    if (doubt === undefined || (doubt === "refused" && !first)) return false;
    const kind = this.#heads.head?.kind;
    const found = classify(bytes.subarray(at), kind, "none");
    if (doubt === "unknown") {
      if (found !== "no") this.#sink.endUnknown();
      return false;
    }
    // After a refusal the client may go on with its next request (`Expect: 100-continue`).
    if (found !== kind) return false;
    this.#sink.cutOff(this.#state === "fixed" ? this.#remaining : undefined);
    this.#state = "head";
    return true;
  }

  /** What is lost may be the body's beginning, or the next head. */
  #loseBeginning(): void {
    if (this.untouched && this.#sink.doubtsBody() === "unknown") this.#sink.endUnknown();
    this.untouched = false;
  }

  #loseFraming(unseen: boolean, length: number): void {
    this.abandon();
    this.#sink.framingLost(unseen);
    this.#sink.lost(length);
  }

  #stop(): void {
    this.#state = "over";
    this.#heads.forget();
  }

  #lose(length: number): void {
    this.abandon();
    this.#sink.lost(length);
  }

  /** A gap in a head, or between two. What is too long to be kept is known to be one. */
  #loseHead(length: number): void {
    if (this.#heads.isLong && this.#giveUnfinished(this.kind) !== undefined) this.#loseFraming(true, length);
    else this.#lose(length);
  }

  /** Gives the head at hand, whose end is not there, to the sink; and how its body would be framed, if it is a message's. */
  #giveUnfinished(kind: HeadKind | undefined): Framing | undefined {
    if (this.#state !== "head" || !this.certain) return undefined;
    const head = this.#heads.breakOff(kind);
    if (head === undefined) return undefined;
    const next = this.#sink.head(head, this.#pipelined);
    this.abandon();
    return next === "interim" || next === "orphan" || next === "wait" || next === "tunnel" ? undefined : next;
  }
}
