import type { MissingReason, Side, Source } from "../../protocol/exchange.ts";
import type { Http1 } from "../http1/http1.ts";
import { beginsFrames } from "../http2/begins.ts";
import type { Begin } from "../http2/frames.ts";
import type { Slabs } from "../memory/slabs.ts";
import type { Carrier, Cause, Protocol } from "../stream/protocol.ts";
import type { Direction } from "../stream/segment.ts";
import { nameOf } from "./signatures.ts";

/** Makes HTTP/2 of a connection: who asks, and where the bytes of both begin that come next. */
export type MakeHttp2 = (asking: Direction, begins: Record<Side, Begin>) => Protocol;

/** What a server may say before it is asked is no longer; who says more is none of HTTP/2. */
const maxHeldBack = 4096;

/** HTTP, of which version nobody knows yet: the first that is seen. What is neither stays with HTTP/1, which says so. */
export class Undecided implements Protocol {
  readonly #carrier: Carrier;
  readonly #slabs: Slabs;
  readonly #http1: Http1;
  readonly #http2: MakeHttp2;
  /** Something has come of the direction. */
  readonly #begun: Record<Direction, boolean> = { in: false, out: false };
  /** Its first bytes were looked at for a name. */
  readonly #named: Record<Direction, boolean> = { in: false, out: false };
  /** Of what seems to be spoken, if it isn't HTTP. */
  #name: string | undefined;
  /** What a server of HTTP/2 says first came in that direction: who asked will show whether it is one. */
  #held: Direction | undefined;

  constructor(carrier: Carrier, slabs: Slabs, http1: Http1, http2: MakeHttp2) {
    this.#carrier = carrier;
    this.#slabs = slabs;
    this.#http1 = http1;
    this.#http2 = http2;
  }

  get asking(): Direction {
    return this.#http1.asking;
  }

  get other(): string | undefined {
    return this.#http1.other && (this.#name ?? this.#http1.other);
  }

  isWaiting(direction: Direction): boolean {
    return this.#held === direction || this.#http1.isWaiting(direction);
  }

  data(direction: Direction, at: number, length: number, source: Source, callStart: boolean): number {
    const successor = this.#http1.isKnown
      ? this.#http1
      : callStart
        ? this.#recognize(direction, at, length)
        : undefined;
    if (successor !== undefined) {
      this.#carrier.swap(successor);
      this.#release();
      return 0;
    }
    if (this.#held === direction) return 0;
    if (!this.#named[direction] && !this.#http1.isKnown) {
      this.#named[direction] = true;
      this.#name ??= nameOf(this.#slabs.view(at, length));
    }
    this.#begun[direction] = true;
    this.#release();
    return this.#http1.data(direction, at, length, source, callStart);
  }

  gap(direction: Direction, length: number, reason: MissingReason): void {
    this.#begun[direction] = true;
    this.#release();
    this.#http1.gap(direction, length, reason);
  }

  settle(now: number): void {
    if (this.#held !== undefined && this.#carrier.streams[this.#held].heldBack > maxHeldBack) this.#release();
    this.#http1.settle(now);
  }

  expire(now: number): void {
    this.#http1.expire(now);
  }

  end(direction: Direction, cause: Cause, whole: boolean): void {
    this.#release();
    this.#http1.end(direction, cause, whole);
  }

  close(cause: Cause): void {
    this.#http1.close(cause);
  }

  /** Gives HTTP/2 if a call begins so. */
  #recognize(direction: Direction, at: number, length: number): Protocol | undefined {
    const isFirst = !this.#begun[direction];
    this.#begun[direction] = true;
    const beginning = beginsFrames(this.#slabs.view(at, length), isFirst);
    if (beginning === undefined) return undefined;
    const other = direction === "in" ? "out" : "in";
    if (beginning === "settings") {
      if (isFirst && !this.#begun[other]) this.#held = direction;
      return undefined;
    }
    const { role } = this.#carrier.opened;
    if (beginning === "message" && role === undefined) return undefined;
    const known = role === "server" ? "in" : "out";
    const asking = beginning === "message" ? known : beginning === "response" ? other : direction;
    if (role !== undefined && asking !== known) return undefined;
    if (beginning === "preface")
      return this.#http2(asking, {
        request: "preface",
        response: this.#begun[other] && this.#held !== other ? "middle" : "frame",
      });
    // HTTP/1 may have said that nobody wants what comes.
    for (const each of ["in", "out"] as const) this.#carrier.mute(each, "none");
    const [request, response]: Begin[] = asking === direction ? ["frame", "middle"] : ["middle", "frame"];
    return this.#http2(asking, { request: request!, response: response! });
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#carrier.streams[held].resume();
  }
}
