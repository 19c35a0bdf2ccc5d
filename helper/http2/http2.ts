import type { MissingReason, Role, Side, Source } from "../../protocol/exchange.ts";
import type { CapturedExchange, End } from "../exchanges/captured-exchange.ts";
import { whyCutOff } from "../exchanges/cut-off.ts";
import { Origins, type Surroundings } from "../exchanges/origins.ts";
import type { Store } from "../exchanges/store.ts";
import type { Carrier, Cause, Protocol } from "../stream/protocol.ts";
import { distance, type Direction } from "../stream/segment.ts";
import type { Stream } from "../stream/stream.ts";
import type { HeaderBlock } from "./blocks.ts";
import { errorName } from "./errors.ts";
import type { Begin } from "./frames.ts";
import { Flow } from "./flow.ts";
import { Half, type HalfOwner } from "./half.ts";
import { hasName, RequestHead, ResponseHead, toHeaders } from "./heads.ts";
import { OpenStream } from "./open-stream.ts";

/** Streams that may be open at once. More there are only where ends were lost: the oldest are given up. */
const maxStreams = 10_000;
/** Streams that ended early and of which something may be on its way. */
const maxAborted = 1000;
/** Milliseconds that answers wait for what was asked before them, and bytes of theirs that may come meanwhile. */
const maxWait = 500;
const maxHeldBack = 256 * 1024;

/** HTTP/2 on a connection: each stream is an exchange. */
export class Http2 implements Protocol, HalfOwner {
  readonly asking: Direction;
  readonly other = undefined;
  readonly #carrier: Carrier;
  readonly #store: Store;
  readonly #context: Surroundings;
  readonly #origins: Origins;
  readonly #role: Role;
  readonly #asks: Stream;
  readonly #answers: Stream;
  readonly #halves: Readonly<Record<Side, Half>>;
  readonly #streams = new Map<number, OpenStream>();
  readonly #aborted = new Set<number>();
  /** What each side may send; undefined: not every frame was seen. */
  #flow: Readonly<Record<Side, Flow>> | undefined;
  /** A request was seen; and after that others may have been lost. */
  #asked = false;
  #requestsLost = false;
  /** When the block at hand began, in kernel milliseconds. */
  #blockStart = 0;
  /** Of the request at hand: the sequence number behind its first frame's head. */
  #requestNumber = 0;
  /** Answers wait for what was asked up to that sequence number, since then. */
  #wait: { until: number; since: number } | undefined;
  /** Up to there they don't any more: it didn't come. */
  #waited: number | undefined;
  /** With what the connection ends, as a GOAWAY said. */
  #error: string | undefined;

  /** `begins`: where the bytes of each side begin that come next. */
  constructor(
    asking: Direction,
    begins: Readonly<Record<Side, Begin>>,
    carrier: Carrier,
    store: Store,
    context: Surroundings,
  ) {
    this.asking = asking;
    this.#carrier = carrier;
    this.#store = store;
    this.#context = context;
    this.#origins = new Origins(carrier, context);
    this.#role = asking === "in" ? "server" : "client";
    this.#asks = carrier.streams[asking];
    this.#answers = carrier.streams[asking === "in" ? "out" : "in"];
    this.#halves = {
      request: new Half("request", begins.request, this, store.slabs),
      response: new Half("response", begins.response, this, store.slabs),
    };
    if (begins.request !== "middle" && begins.response !== "middle")
      this.#flow = { request: new Flow(), response: new Flow() };
  }

  /** An exchange of HTTP/1 asked for this: its response so far is an interim one, and the final one comes as the first stream's. */
  upgrade(exchange: CapturedExchange): void {
    const { response, responseStart } = exchange;
    if (response !== undefined) {
      exchange.addInterim(response.head, responseStart);
      response.body.release();
      exchange.response = undefined;
    }
    exchange.stream = 1;
    this.#streams.set(1, new OpenStream(1, exchange));
  }

  isWaiting(direction: Direction): boolean {
    return direction !== this.asking && this.#wait !== undefined;
  }

  data(direction: Direction, at: number, length: number, source: Source, callStart: boolean): number {
    const side = this.#sideOf(direction);
    const { other } = this.#answers;
    if (side === "response" && other !== undefined && this.#isBehind(other)) {
      this.#wait = { until: other, since: this.#wait?.since ?? this.#carrier.now };
      return 0;
    }
    this.#halves[side].give(at, length, source, callStart);
    return length;
  }

  gap(direction: Direction, length: number, reason: MissingReason): void {
    this.#halves[this.#sideOf(direction)].gap(length, reason);
  }

  settle(now: number): void {
    if (this.#wait === undefined) return;
    const { until, since } = this.#wait;
    if (now - since > maxWait || this.#answers.heldBack > maxHeldBack || this.#store.slabs.areShort)
      this.#waited = until;
    if (!this.#isBehind(until)) this.#resume();
  }

  expire(now: number): void {
    this.settle(now);
  }

  end(direction: Direction, cause: Cause, whole: boolean): void {
    const side = this.#sideOf(direction);
    while (side === "response" && this.#wait !== undefined) {
      this.#waited = this.#wait.until;
      this.#resume();
    }
    const why = whyCutOff(direction, cause, whole);
    for (const open of this.#streams.values()) {
      open.exchange.error ??= this.#error;
      this.#cutOff(open, side, cause, why);
    }
    this.settle(this.#carrier.now);
  }

  close(): void {}

  isOpen(side: Side, stream: number): boolean {
    return this.#streams.get(stream)?.accepts(side) === true;
  }

  blockBegins(side: Side, ahead: number): void {
    const stream = this.#streamOf(side);
    this.#blockStart = stream.began;
    if (side === "request") this.#requestNumber = (stream.number - ahead) >>> 0;
  }

  block(side: Side, block: HeaderBlock): void {
    const open = this.#streams.get(block.stream);
    if (block.promised !== undefined) this.#promise(block.promised, block);
    else if (open !== undefined) this.#goOn(open, side, block);
    else if (side === "request") this.#ask(block);
    else this.#answerToNone(block);
  }

  bodyData(side: Side, stream: number, at: number, length: number, source: Source): void {
    const open = this.#streams.get(stream);
    const body = open?.body(side, length);
    if (open === undefined || body === undefined) return;
    body.append(at, length, source, this.#streamOf(side).time);
    this.#store.touch(open.exchange);
  }

  bodyMissing(side: Side, stream: number, length: number, reason: MissingReason): void {
    const open = this.#streams.get(stream);
    const body = open?.body(side, length);
    if (open === undefined || body === undefined) return;
    body.miss(length, reason);
    this.#store.touch(open.exchange);
  }

  unsure(side: Side, stream: number): void {
    this.#streams.get(stream)?.lose(side, 0);
  }

  ended(side: Side, stream: number): void {
    const open = this.#streams.get(stream);
    if (open === undefined || open.isOver(side)) return;
    this.#end(open, side, open.harmed[side] ? "lost" : "complete");
  }

  reset(side: Side, stream: number, code: number): void {
    const open = this.#streams.get(stream);
    if (open === undefined) return;
    // Who has answered asks so for no more of the request.
    const isAnswered = code === 0 && side === "response" && open.isOver("response");
    if (isAnswered) this.#cutOff(open, "request", "closed", whyCutOff(this.asking, "closed", false));
    else this.#abort(open, "reset", errorName(code));
  }

  goAway(side: Side, last: number, code: number): void {
    this.#error = code === 0 ? undefined : errorName(code);
    // Who asks has the odd ones.
    const parity = side === "response" ? 1 : 0;
    for (const open of this.#streams.values())
      if (open.id > last && open.id % 2 === parity) this.#abort(open, "closed", this.#error ?? "GOAWAY");
  }

  sent(side: Side, stream: number, length: number): void {
    const known = this.#streams.has(stream) ? stream : 0;
    this.#flow?.[side].sent(known, length, this.#streamOf(side).time);
  }

  granted(side: Side, stream: number, length: number): void {
    const flow = this.#flow?.[opposite(side)];
    if (stream === 0 || this.#streams.has(stream)) flow?.granted(stream, length, this.#streamOf(side).time);
  }

  resized(side: Side, window: number): void {
    this.#flow?.[opposite(side)].resized(window, this.#streamOf(side).time);
  }

  lost(side: Side, length: number): void {
    this.#flow = undefined;
    if (side === "request") this.#requestsLost = this.#asked;
    for (const open of this.#streams.values()) open.lose(side, length);
  }

  /** A block on a stream that isn't known. */
  #ask(block: HeaderBlock): void {
    this.#asked = true;
    // Without these it ends a request that began before the capture, or in what was lost.
    if (!hasName(block.fields, [":method", ":path", ":scheme", ":authority"])) return;
    const open = this.#open(block.stream, new RequestHead(block));
    this.#store.begins(open.exchange, this.#requestNumber);
    if (!block.whole) open.exchange.harm = "lost";
  }

  /** A response, or its end, to a request that isn't known, or not any more. */
  #answerToNone(block: HeaderBlock): void {
    const { stream } = block;
    if (this.#aborted.has(stream) || !hasName(block.fields, [":status"])) return;
    const offset = this.#context.wallClockOffset();
    const exchange = this.#store.create(this.#origins.of(this.#role), undefined, this.#blockStart, offset);
    exchange.stream = stream;
    exchange.pushed = stream % 2 === 0;
    exchange.requestOver = true;
    if (this.#requestsLost) exchange.harm = "lost";
    const open = new OpenStream(stream, exchange);
    this.#keep(open);
    this.#respond(open, block);
  }

  #goOn(open: OpenStream, side: Side, block: HeaderBlock): void {
    if (open.isOver(side)) return;
    const isHead = hasName(block.fields, [":status"]) || !open.harmed.response;
    if (side === "response" && open.exchange.response === undefined && isHead) this.#respond(open, block);
    else this.#trailers(open, side, block);
  }

  #respond({ exchange }: OpenStream, block: HeaderBlock): void {
    const head = new ResponseHead(block);
    if (head.status >= 100 && head.status < 200) {
      exchange.addInterim(head, this.#blockStart);
      this.#store.touch(exchange);
      return;
    }
    const length = exchange.request?.head.method === "HEAD" ? 0 : head.contentLength;
    exchange.response = { head, body: this.#store.body(length, exchange) };
    exchange.responseStart = this.#blockStart;
    if (!block.whole) exchange.harm ??= "lost";
    this.#store.touch(exchange);
  }

  #trailers(open: OpenStream, side: Side, { fields, whole, isCut }: HeaderBlock): void {
    const message = open.exchange[side];
    if (message === undefined) return;
    message.trailers = toHeaders(fields);
    if (isCut) message.trailersCut = "limit";
    if (!whole) open.exchange.harm ??= "lost";
    this.#store.touch(open.exchange);
  }

  /** `promised`: 0 if it was lost. */
  #promise(promised: number, block: HeaderBlock): void {
    if (promised === 0 || this.#streams.has(promised)) return;
    const open = this.#open(promised, new RequestHead(block));
    open.exchange.pushed = true;
    if (!block.whole) open.exchange.harm = "lost";
    this.#end(open, "request", "complete");
  }

  #open(stream: number, head: RequestHead): OpenStream {
    const body = this.#store.body(head.contentLength);
    const offset = this.#context.wallClockOffset();
    const origin = this.#origins.of(this.#role);
    const exchange = this.#store.create(origin, { head, body }, this.#blockStart, offset);
    exchange.stream = stream;
    const open = new OpenStream(stream, exchange);
    this.#keep(open);
    return open;
  }

  #keep(open: OpenStream): void {
    this.#streams.set(open.id, open);
    if (this.#streams.size <= maxStreams) return;
    const [oldest] = this.#streams.values();
    this.#abort(oldest!, "lost", undefined);
  }

  #abort(open: OpenStream, cause: Cause, error: string | undefined): void {
    open.exchange.error = error;
    for (const side of ["request", "response"] as const) this.#cutOff(open, side, cause, "never-sent");
    this.#aborted.add(open.id);
    const [oldest] = this.#aborted;
    if (this.#aborted.size > maxAborted) this.#aborted.delete(oldest!);
  }

  #cutOff(open: OpenStream, side: Side, cause: Cause, why: MissingReason): void {
    if (open.isOver(side)) return;
    open.body(side, 0)?.miss(open.remaining(side) ?? 0, why);
    this.#end(open, side, open.harmed[side] ? "lost" : cause);
  }

  #end(open: OpenStream, side: Side, end: End): void {
    const { exchange } = open;
    const body = open.body(side, 0);
    if (body !== undefined) body.end = end;
    if (end !== "complete") exchange.harm ??= end;
    const isComplete = end === "complete";
    const time = isComplete ? this.#streamOf(side).time : this.#carrier.now;
    const stalled = this.#flow?.[side].end(open.id, isComplete ? undefined : time) ?? 0;
    if (stalled > 0) exchange.stalled = { ...exchange.stalled, [side]: stalled };
    if (side === "request") {
      exchange.requestOver = true;
      if (end === "complete") exchange.requestEnd = time;
    } else {
      exchange.responseOver = true;
      exchange.end = time;
    }
    if (exchange.requestOver && exchange.responseOver) this.#streams.delete(open.id);
    this.#store.settle(exchange);
    // Nobody waits for the rest of a request that was answered.
    if (side === "response" && open.harmed.request && !exchange.requestOver)
      this.#end(open, "request", "lost");
  }

  #isBehind(until: number): boolean {
    if (this.#waited !== undefined && distance(this.#waited, until) <= 0) return false;
    return this.#asks.isBehind(until);
  }

  #resume(): void {
    this.#wait = undefined;
    this.#answers.resume();
  }

  #sideOf(direction: Direction): Side {
    return direction === this.asking ? "request" : "response";
  }

  #streamOf(side: Side): Stream {
    return side === "request" ? this.#asks : this.#answers;
  }
}

function opposite(side: Side): Side {
  return side === "request" ? "response" : "request";
}
