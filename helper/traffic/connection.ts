import type { MissingReason, Side, Source } from "../../protocol/exchange.ts";
import type { Store } from "../exchanges/store.ts";
import type { Surroundings } from "../exchanges/origins.ts";
import { Http1 } from "../http1/http1.ts";
import { hasToken } from "../http1/headers.ts";
import type { Begin } from "../http2/frames.ts";
import { Http2 } from "../http2/http2.ts";
import type { Carrier, Cause, Mute, Protocol } from "../stream/protocol.ts";
import type { ConnectionOpened, Direction, Numbers, Segment } from "../stream/segment.ts";
import { Stream, type StreamSink } from "../stream/stream.ts";
import { Upgraded } from "../upgraded/upgraded.ts";
import { Undecided } from "./undecided.ts";

/** Milliseconds that an end waits for what was moved before it. */
const maxWait = 500;

export interface ConnectionContext extends Surroundings {
  /** The process moved bytes by other means than the traced system calls. */
  untraced(pid: number): void;
  mute(connection: number, ...what: Parameters<Mute>): void;
}

/** One connection: two streams, what they speak, and how they end. */
export class Connection implements Carrier {
  countedAsOther: string | undefined;
  countedAsSpliced = false;
  readonly opened: ConnectionOpened;
  readonly streams: Readonly<Record<Direction, Stream>>;
  pid: number;
  now = 0;
  readonly #context: ConnectionContext;
  #protocol: Protocol;
  readonly #fins: Record<Direction, Fin> = { in: new Fin(), out: new Fin() };

  constructor(opened: ConnectionOpened, store: Store, context: ConnectionContext) {
    this.opened = opened;
    this.pid = opened.pid;
    this.#context = context;
    const untraced = () => context.untraced(this.pid);
    const stream = (direction: Direction) =>
      new Stream(new DirectionSink(direction, () => this.#protocol), store.slabs, store.maxHeld, untraced);
    this.streams = { in: stream("in"), out: stream("out") };
    this.#protocol = this.#http(store);
  }

  /** As of the protocol: see there. */
  get other(): string | undefined {
    return this.#protocol.other;
  }

  push(segment: Segment): void {
    this.now = segment.time;
    this.pid = segment.pid;
    this.streams[segment.direction].push(segment);
    this.#protocol.settle(segment.time);
    // What had to wait for the other direction need wait no more, or is another protocol's now.
    const { in: received, out: sent } = this.streams;
    if (received.heldBack > 0) received.resume();
    if (sent.heldBack > 0) sent.resume();
    if (this.#fins.in.pending !== undefined || this.#fins.out.pending !== undefined)
      for (const direction of this.#directions) if (this.#isDone(direction)) this.#finish(direction);
  }

  expire(now: number): void {
    for (const direction of this.#directions) {
      this.streams[direction].expire(now);
      const { pending } = this.#fins[direction];
      if (pending !== undefined && now - pending.time > maxWait) this.#finish(direction);
    }
    this.#protocol.expire(now);
  }

  /** Its FIN was sent, or read; `number` is that of the byte behind the last one. */
  endDirection(direction: Direction, time: number, number: number): void {
    this.now = time;
    const fin = this.#fins[direction];
    fin.seen = true;
    // A thread's call can be reported after the FIN that another one sent meanwhile.
    fin.pending = { number, time };
    if (this.#isDone(direction)) this.#finish(direction);
  }

  /** The socket is gone, and after these numbers nothing was moved. `reset`: see ConnectionClosed. */
  close(time: number, numbers: Numbers, reset: boolean | undefined): void {
    this.now = time;
    const isUnix = this.opened.local === "unix";
    // MPTCP doesn't tell.
    const cause = (reset ?? !(isUnix || this.#fins.in.seen || this.#fins.out.seen)) ? "reset" : "closed";
    for (const direction of this.#directions) {
      // A socket without ports has no FIN: its close is the end of what it sent, but not of what it might have read.
      const whole = this.#fins[direction].seen || (isUnix && direction === "out");
      this.#end(direction, cause, numbers[direction], whole);
    }
    this.#protocol.close(cause);
  }

  /** Its end was lost, or will not be seen as the capture ends before. */
  abandon(time: number, stopped: boolean): void {
    this.now = time;
    const cause = stopped ? "stopped" : "lost";
    for (const direction of this.#directions) this.#end(direction, cause, undefined, false);
    this.#protocol.close(cause);
  }

  mute(...what: Parameters<Mute>): void {
    this.#context.mute(this.opened.connection, ...what);
  }

  swap(successor: Protocol): void {
    this.#protocol = successor;
  }

  /** HTTP of any version. */
  #http(store: Store): Protocol {
    const http2 = (asking: Direction, begins: Readonly<Record<Side, Begin>>) =>
      new Http2(asking, begins, this, store, this.#context);
    const http1 = new Http1(this, store, this.#context, (exchange, asking) => {
      const head = exchange.response?.head;
      // Through a tunnel anything may come, and some of it is HTTP.
      if (head?.status !== 101) return { protocol: this.#http(store), goesOn: false };
      if (!hasToken(head, "upgrade", "h2c"))
        return { protocol: new Upgraded(this, store, exchange, asking), goesOn: true };
      const protocol = http2(asking, { request: "preface", response: "frame" });
      protocol.upgrade(exchange);
      return { protocol, goesOn: true };
    });
    return new Undecided(this, store.slabs, http1, http2);
  }

  get #directions(): [Direction, Direction] {
    return this.#protocol.asking === "in" ? ["in", "out"] : ["out", "in"];
  }

  /** Everything before its FIN was taken. */
  #isDone(direction: Direction): boolean {
    const { pending } = this.#fins[direction];
    if (pending === undefined || this.#protocol.isWaiting(direction)) return false;
    return !this.streams[direction].isBehind(pending.number);
  }

  #finish(direction: Direction): void {
    this.#end(direction, "closed", this.#fins[direction].pending?.number, true);
  }

  /** `number`: behind the last byte that was moved, where that is known. */
  #end(direction: Direction, cause: Cause, number: number | undefined, whole: boolean): void {
    this.#fins[direction].pending = undefined;
    this.streams[direction].end(number);
    this.#protocol.end(direction, cause, whole);
  }
}

/** Hands one direction to what the connection speaks by then. */
class DirectionSink implements StreamSink {
  readonly #direction: Direction;
  readonly #protocol: () => Protocol;

  constructor(direction: Direction, protocol: () => Protocol) {
    this.#direction = direction;
    this.#protocol = protocol;
  }

  get waiting(): boolean {
    return this.#protocol().isWaiting(this.#direction);
  }

  data(at: number, length: number, source: Source, callStart: boolean): number {
    const protocol = this.#protocol();
    const taken = protocol.data(this.#direction, at, length, source, callStart);
    if (taken === length || protocol === this.#protocol()) return taken;
    return taken + this.data(at + taken, length - taken, source, callStart && taken === 0);
  }

  gap(length: number, reason: MissingReason): void {
    this.#protocol().gap(this.#direction, length, reason);
  }
}

/** Of one direction. */
class Fin {
  seen = false;
  /** Everything before it has not come, or is not taken yet. */
  pending: { number: number; time: number } | undefined;
}
