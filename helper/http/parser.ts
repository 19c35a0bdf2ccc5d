import type { Header, MissingReason, Source } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import type { StreamSink } from "../stream/stream.ts";
import type { Framing } from "./framing.ts";
import { HeadReader } from "./head-reader.ts";
import { classify, findHeadEnd, latin1, maxHead, parseHeaders, skipLineEnds } from "./head.ts";
import type { Head, HeadKind } from "./head.ts";
import { Partial } from "./partial.ts";

/**
 * What follows a head. `interim`: another head of the same exchange. `orphan`: nobody knows what it answers, so its
 * body's end isn't known either. `hold`: keep what comes until `resume`. `tunnel`: no HTTP any more.
 */
export type Next = Framing | "interim" | "orphan" | "hold" | "tunnel";

/** Takes the messages of one direction. */
export interface MessageSink {
  /** A message's first byte. */
  begin(): void;
  /** `pipelined`: its first byte came in one call with the message before. */
  head(head: Head, pipelined: boolean): Next;
  /** Bytes of the body, `length` of them at `at` in the slabs. */
  body(at: number, length: number, source: Source): void;
  /** What has been given is parsed, and the body has so many bytes to come. */
  awaits(remaining: number): void;
  missing(length: number, reason: MissingReason): void;
  trailers(headers: Header[]): void;
  /** The body's end. */
  end(): void;
  /** The message ends before its body does, of which `remaining` bytes lack if that is known. */
  cutOff(remaining: number | undefined): void;
  /** The rest of a message's body can't be told from what follows it; at least `length` bytes are missing. */
  framingLost(length: number): void;
  /** Heads may have been lost. */
  lost(): void;
  /** Bytes that belong to no message that we know. */
  skipped(length: number): void;
  /** More came while held than will be kept: `resume` with "orphan" is due. */
  heldTooMuch(): void;
  /** The message's body may never come: it was refused before its first byte. */
  refused(): boolean;
}

/** Of a chunk's size line, or a trailer. */
const maxLine = 16 * 1024;
const maxHeldBack = 256 * 1024;

type State =
  | "seek"
  | "head"
  | "fixed"
  | "close"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailers"
  | "held"
  | "ignore";

type HeldBack =
  | { at: number; length: number; source: Source; callStart: boolean }
  | { length: number; reason: MissingReason };

/**
 * HTTP/1.x messages from one direction's bytes and gaps. A gap inside a body is stepped over. Where heads may have
 * been lost, the next message is sought where a system call starts with what looks like a head.
 */
export class Parser implements StreamSink {
  /** The kind of this direction's messages, once known. */
  kind: HeadKind | undefined;
  readonly #sink: MessageSink;
  readonly #slabs: Slabs;
  #state: State = "seek";
  /** In "fixed" and "chunk-data": bytes to come. */
  #remaining = 0;
  /** Nothing of the body has come. */
  #untouched = false;
  /** The beginning of a head, or of what may be one. */
  readonly #partial = new Partial();
  readonly #heads = new HeadReader();
  /** The message's first byte came in one call with the message before. */
  #pipelined = false;
  #line = "";
  #trailers = "";
  #held: HeldBack[] = [];
  #heldBytes = 0;

  constructor(sink: MessageSink, slabs: Slabs) {
    this.#sink = sink;
    this.#slabs = slabs;
  }

  data(from: number, length: number, source: Source, callStart: boolean): void {
    this.#data(from, length, source, callStart);
    if (this.#state === "fixed") this.#sink.awaits(this.#remaining);
  }

  #data(from: number, length: number, source: Source, callStart: boolean): void {
    if (this.#passOn(from, length, source)) return;
    const bytes = this.#slabs.view(from, length);
    let at = 0;
    while (at < length) {
      switch (this.#state) {
        case "seek":
          at = this.#seek(bytes, at, callStart && at === 0);
          break;
        case "head":
          at = this.#head(bytes, at, callStart && at === 0);
          break;
        case "fixed":
        case "chunk-data":
          if (this.#untouched && callStart && at === 0 && this.#isRefused(bytes)) break;
          at += this.#counted(from + at, length - at, source);
          break;
        case "close":
          this.#sink.body(from + at, length - at, source);
          return;
        case "chunk-size":
          if (this.#untouched && callStart && at === 0 && this.#isRefused(bytes)) break;
          at = this.#lineOf(bytes, at, (line) => this.#chunkSize(line));
          break;
        case "chunk-end":
          at = this.#lineOf(bytes, at, (line) => {
            if (line === "") this.#state = "chunk-size";
            else this.#loseFraming(0);
          });
          break;
        case "trailers":
          at = this.#lineOf(bytes, at, (line) => this.#trailer(line));
          break;
        case "held":
          this.#hold({ at: from + at, length: length - at, source, callStart: callStart && at === 0 });
          return;
        case "ignore":
          return;
      }
    }
  }

  gap(length: number, reason: MissingReason): void {
    switch (this.#state) {
      case "fixed":
      case "chunk-data": {
        const inside = Math.min(length, this.#remaining);
        this.#untouched = false;
        this.#remaining -= inside;
        this.#sink.missing(inside, reason);
        if (this.#state === "fixed") {
          if (this.#remaining === 0) this.#endMessage();
          if (length > inside) this.gap(length - inside, reason);
        } else if (length > inside) this.#loseFraming(length - inside);
        else if (this.#remaining === 0) this.#state = "chunk-end";
        return;
      }
      case "close":
        this.#sink.missing(length, reason);
        return;
      case "chunk-size":
      case "chunk-end":
      case "trailers":
        this.#loseFraming(length);
        return;
      case "seek":
      case "head":
        this.#lose();
        return;
      case "held":
        this.#hold({ length, reason });
        return;
      case "ignore":
        return;
    }
  }

  /** No more bytes will come. `whole`: and none have been lost at the end, as a FIN was seen. */
  end(whole: boolean): void {
    const state = this.#state;
    this.ignore();
    if (state === "fixed") this.#sink.cutOff(this.#remaining);
    else if (state === "close" && whole) this.#sink.end();
    else if (
      state === "close" ||
      state === "chunk-size" ||
      state === "chunk-data" ||
      state === "chunk-end" ||
      state === "trailers"
    )
      this.#sink.cutOff(undefined);
  }

  /** What comes from now on is no HTTP. */
  ignore(): void {
    this.#state = "ignore";
    this.#partial.length = 0;
    this.#dropHeld();
  }

  /** Says what follows the head that was answered by "hold". */
  resume(next: Next): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#follow(next);
    for (const item of held) {
      if (!("at" in item)) {
        if (next !== "orphan") this.gap(item.length, item.reason);
        continue;
      }
      if (next !== "orphan") this.#data(item.at, item.length, item.source, item.callStart);
      this.#slabs.release(item.at);
    }
  }

  #seek(bytes: Uint8Array, at: number, callStart: boolean): number {
    if (this.#partial.length > 0) {
      const before = this.#partial.length;
      this.#partial.append(bytes.subarray(at));
      // After so many bytes only the line's end can tell: looking at all of it each time would take too long.
      const undecided = before > 1024 && before <= maxHead && bytes.indexOf(10, at) < 0;
      const found = undecided ? "more" : classify(this.#partial.bytes, this.kind);
      if (found === "more") return bytes.length;
      this.#partial.length = before;
      if (found !== "no") {
        this.#state = "head";
        return at;
      }
      this.#sink.skipped(before);
      this.#partial.length = 0;
    }
    if (callStart) {
      const found = classify(bytes, this.kind);
      if (found === "more") {
        this.#begin(false);
        this.#partial.append(bytes);
        return bytes.length;
      }
      if (found !== "no") {
        this.#state = "head";
        return at;
      }
    }
    this.#sink.skipped(bytes.length - at);
    return bytes.length;
  }

  #head(bytes: Uint8Array, at: number, callStart: boolean): number {
    if (this.#partial.length > 0) return this.#restOfHead(bytes, at);
    const start = skipLineEnds(bytes, at);
    if (start === bytes.length) return start;
    this.#begin(!callStart);
    const end = findHeadEnd(bytes, start);
    if (end >= 0 && end - start <= maxHead) {
      this.#wholeHead(bytes.subarray(start, end));
      return end;
    }
    this.#partial.append(bytes.subarray(start));
    if (this.#partial.length <= maxHead && classify(this.#partial.bytes, this.kind) !== "no")
      return bytes.length;
    this.#lose();
    this.#sink.skipped(bytes.length - start);
    return bytes.length;
  }

  #restOfHead(bytes: Uint8Array, at: number): number {
    const before = this.#partial.length;
    this.#partial.append(bytes.subarray(at, at + maxHead));
    const whole = this.#partial.bytes;
    // The end's line feeds may lie on both sides of the seam.
    const end = findHeadEnd(whole, Math.max(skipLineEnds(whole, 0), before - 2));
    if (end < 0) {
      if (whole.length > maxHead || (before < 1024 && classify(whole, this.kind) === "no")) this.#lose();
      return bytes.length;
    }
    this.#partial.length = 0;
    if (end > maxHead) this.#lose();
    else this.#wholeHead(whole.subarray(skipLineEnds(whole, 0), end));
    return at + end - before;
  }

  #begin(pipelined: boolean): void {
    this.#pipelined = pipelined;
    this.#sink.begin();
  }

  #wholeHead(bytes: Uint8Array): void {
    const head = this.#heads.read(bytes);
    if (head === undefined || (this.kind !== undefined && head.kind !== this.kind)) this.#lose();
    else this.#follow(this.#sink.head(head, this.#pipelined));
  }

  #follow(next: Next): void {
    this.#untouched = true;
    if (typeof next === "number") {
      this.#remaining = next;
      if (next > 0) this.#state = "fixed";
      else this.#endMessage();
      return;
    }
    switch (next) {
      case "chunked":
        this.#state = "chunk-size";
        this.#line = "";
        this.#trailers = "";
        return;
      case "close":
        this.#state = "close";
        return;
      case "interim":
        this.#state = "head";
        return;
      case "hold":
        this.#state = "held";
        return;
      case "tunnel":
        this.ignore();
        return;
      case "invalid":
        this.#loseFraming(0);
        return;
      case "orphan":
        this.#state = "seek";
        return;
    }
  }

  /** Most bytes are a body's: these need no look at all. Gives whether all of them are. */
  #passOn(at: number, length: number, source: Source): boolean {
    if (this.#state === "ignore") return true;
    if (this.#state === "close") this.#sink.body(at, length, source);
    else if ((this.#state === "fixed" || this.#state === "chunk-data") && !this.#untouched)
      return length <= this.#remaining && this.#counted(at, length, source) === length;
    return this.#state === "close";
  }

  /** Bytes of a body, or of a chunk, of known length. Gives how many. */
  #counted(at: number, available: number, source: Source): number {
    const length = Math.min(available, this.#remaining);
    this.#untouched = false;
    this.#remaining -= length;
    this.#sink.body(at, length, source);
    if (this.#remaining === 0) {
      if (this.#state === "fixed") this.#endMessage();
      else this.#state = "chunk-end";
    }
    return length;
  }

  #endMessage(): void {
    this.#state = "head";
    this.#sink.end();
  }

  /** Calls `use` with the line, once it is whole. */
  #lineOf(bytes: Uint8Array, at: number, use: (line: string) => void): number {
    const end = bytes.indexOf(10, at);
    this.#untouched = false;
    const stop = end < 0 ? bytes.length : end;
    if (this.#line.length + stop - at > maxLine) {
      this.#loseFraming(0);
      return stop;
    }
    const line = this.#line + latin1(bytes, at, stop);
    this.#line = end < 0 ? line : "";
    if (end < 0) return bytes.length;
    use(line.endsWith("\r") ? line.slice(0, -1) : line);
    return end + 1;
  }

  #chunkSize(line: string): void {
    const digits = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;|$)/.exec(line)?.[1];
    if (digits === undefined) return this.#loseFraming(0);
    this.#remaining = parseInt(digits, 16);
    this.#state = this.#remaining === 0 ? "trailers" : "chunk-data";
  }

  #trailer(line: string): void {
    if (line !== "") {
      this.#trailers += `${line}\n`;
      if (this.#trailers.length > maxHead) this.#loseFraming(0);
      return;
    }
    if (this.#trailers !== "") this.#sink.trailers(parseHeaders(this.#trailers, 0));
    this.#endMessage();
  }

  /** After a refusal the client may go on with its next request instead of the body (`Expect: 100-continue`). */
  #isRefused(bytes: Uint8Array): boolean {
    if (!this.#sink.refused() || classify(bytes, this.kind) !== this.kind) return false;
    this.#sink.cutOff(this.#state === "fixed" ? this.#remaining : undefined);
    this.#state = "head";
    return true;
  }

  #loseFraming(length: number): void {
    this.#state = "seek";
    this.#partial.length = 0;
    this.#sink.framingLost(length);
  }

  #lose(): void {
    this.#state = "seek";
    this.#partial.length = 0;
    this.#sink.lost();
  }

  #hold(item: HeldBack): void {
    if ("at" in item) this.#slabs.hold(item.at);
    this.#held.push(item);
    this.#heldBytes += ("at" in item ? item.length : 0) + 64;
    if (this.#heldBytes > maxHeldBack) this.#sink.heldTooMuch();
  }

  #dropHeld(): void {
    for (const item of this.#held) if ("at" in item) this.#slabs.release(item.at);
    this.#held = [];
    this.#heldBytes = 0;
  }
}
