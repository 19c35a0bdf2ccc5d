import type { MissingReason, Role, Source } from "../../protocol/exchange.ts";
import type { Carrier, Cause, Protocol } from "../stream/protocol.ts";
import { distance, type Direction } from "../stream/segment.ts";
import { requestFraming, responseFraming } from "./framing.ts";
import { Half, type HalfOwner } from "./half.ts";
import type { Head, RequestHead, ResponseHead } from "./head.ts";
import { hasToken } from "./headers.ts";
import { isAt, shortestMessage, type Moment } from "./moment.ts";
import { Pairing } from "./pairing.ts";
import type { Next } from "./parser.ts";
import type { End, CapturedExchange } from "../exchanges/captured-exchange.ts";
import { Origins, type Surroundings } from "../exchanges/origins.ts";
import type { Store } from "../exchanges/store.ts";

/** Without a head in so many bytes a connection counts as not HTTP. */
const patience = 64;
/** Milliseconds that an end waits for what was moved before it, and a response for a request that may not come. */
const maxWait = 500;
/** Milliseconds that a response waits for its request, of which bytes are known to be on their way. */
const maxUpload = 60_000;
/** Bytes that may come of a response that waits. */
const maxHeldBack = 256 * 1024;

/**
 * Who takes the connection over when an exchange, whose request went `asking`, has agreed on another protocol; `goesOn`: the
 * exchange with it.
 */
export type Successor = (
  exchange: CapturedExchange,
  asking: Direction,
) => { protocol: Protocol; goesOn: boolean };

/** HTTP/1.x on a connection: its two directions, and the exchanges that they make together. */
export class Http1 implements Protocol, HalfOwner {
  readonly #carrier: Carrier;
  readonly #store: Store;
  readonly #context: Surroundings;
  readonly #origins: Origins;
  readonly #successor: Successor;
  readonly #halves: Record<Direction, Half>;
  readonly #pairing: Pairing;
  #request: Half;
  #response: Half;
  #role: Role | undefined;
  /** A response was paired: the role is no guess any more. */
  #isPaired = false;
  /** It may agree on another protocol: behind its request the direction waits for the answer. */
  #upgrading: CapturedExchange | undefined;
  #skipped = 0;
  #muted = false;
  /** The response that waits for its request waits no longer. */
  #impatient = false;
  /** While a request's head is looked at: where it begins. Until there the requests are known. */
  #requestsUntil: number | undefined;

  constructor(carrier: Carrier, store: Store, context: Surroundings, successor: Successor) {
    this.#carrier = carrier;
    this.#store = store;
    this.#context = context;
    this.#origins = new Origins(carrier, context);
    this.#successor = successor;
    const { in: received, out: sent } = carrier.streams;
    this.#halves = { in: new Half("in", received, this, store), out: new Half("out", sent, this, store) };
    // As a server's, until a head says which.
    this.#request = this.#halves.in;
    this.#response = this.#halves.out;
    this.#pairing = new Pairing((exchange, cause) => this.#giveUp(exchange, cause));
  }

  /** Where something was lost that may have been heads, nobody knows. */
  get other(): string | undefined {
    const { in: received, out: sent } = this.#halves;
    const isOther = this.#role === undefined && this.#skipped >= patience;
    return isOther && !received.lostEarly && !sent.lostEarly ? "unknown" : undefined;
  }

  /** A head was seen: it is HTTP/1. */
  get isKnown(): boolean {
    return this.#role !== undefined;
  }

  get asking(): Direction {
    return this.#request.direction;
  }

  isWaiting(direction: Direction): boolean {
    return this.#halves[direction].waiting;
  }

  data(direction: Direction, at: number, length: number, source: Source, callStart: boolean): number {
    return this.#halves[direction].data(at, length, source, callStart);
  }

  gap(direction: Direction, length: number, reason: MissingReason): void {
    this.#halves[direction].gap(length, reason);
  }

  settle(now: number): void {
    if (this.#response.waiting) this.#settleWaiting(now);
    if (this.#upgrading !== undefined && this.#request.stream.heldBack > maxHeldBack) this.#goOn();
  }

  expire(now: number): void {
    const { in: received, out: sent } = this.#halves;
    if (now - this.#carrier.now > maxWait) for (const half of [received, sent]) half.endUnframed();
    if (this.#response.waiting) this.#settleWaiting(now);
  }

  end(direction: Direction, cause: Cause, whole: boolean): void {
    const half = this.#halves[direction];
    this.#impatient = true;
    half.retry();
    this.#impatient = false;
    // What was held back may ask for another protocol as well.
    while (half === this.#request && this.#upgrading !== undefined) {
      this.#goOn();
      half.stream.resume();
    }
    half.stream.time = this.#carrier.now;
    half.stop(cause, whole);
    if (half === this.#response) this.#pairing.giveUpAll(cause);
    else if (this.#response.waiting) this.#settleWaiting(this.#carrier.now);
  }

  close(cause: Cause): void {
    this.#pairing.giveUpAll(cause);
  }

  head(half: Half, head: Head, pipelined: boolean): Next {
    const role = (half === this.#halves.in) === (head.kind === "request") ? "server" : "client";
    if (role !== this.#role) {
      if (!this.#mayBe(role, half)) return "orphan";
      this.#assignRoles(role);
    }
    return head.kind === "request" ? this.#requestHead(head, pipelined) : this.#responseHead(head);
  }

  ended(half: Half, exchange: CapturedExchange, end: End): void {
    if (end !== "complete") exchange.harm ??= end;
    if (half === this.#request) {
      exchange.requestOver = true;
      if (end === "complete") exchange.requestEnd = half.stream.time;
    } else {
      exchange.responseOver = true;
      exchange.end = half.stream.time;
      if (exchange.request !== undefined && half.boundary !== undefined) this.#lookAtRequests(half.boundary);
      // Nobody waits for the rest of a request that was answered.
      if (this.#request.exchange === exchange && this.#request.endUnframed()) return;
    }
    this.#store.settle(exchange);
  }

  lost(half: Half): void {
    if (this.#role === undefined) half.lostEarly = true;
    else if (half === this.#request) this.#pairing.requestsLost();
    else this.#pairing.responsesLost(half.stream.number);
  }

  skipped(half: Half, length: number, until: number): void {
    this.#skipped += length;
    half.isOther = true;
    // Both directions: what was attached to in the middle of a body goes on with a head in the other one.
    const { in: received, out: sent } = this.#halves;
    if (!this.#muted && this.#role === undefined && this.#skipped >= patience)
      if (received.isOther && sent.isOther) this.#mute("other");
    if (this.#role !== undefined && half === this.#response) this.#pairing.responsesLost(until);
  }

  muteUntil(direction: Direction, until: number | undefined): void {
    const what = until === undefined ? "none" : "until";
    this.#carrier.mute(direction, what, until);
  }

  /**
   * Whether a head in that half may give that role. What a server seems to be asked by, though it connected, is a part of a
   * body: an upload that contains a response. But seen in both directions, the connection is used the other way round.
   */
  #mayBe(role: Role, half: Half): boolean {
    if (role === (this.#carrier.opened.role ?? role)) return true;
    half.isReversed = true;
    return this.#halves.in.isReversed && this.#halves.out.isReversed;
  }

  /** By a first head; or by one that shows that what seemed to be a first head was a part of a body. */
  #assignRoles(role: Role): void {
    if (this.#muted) this.#mute("none");
    if (this.#role !== undefined) {
      this.#pairing.giveUpAll();
      for (const one of [this.#request, this.#response]) one.abandon();
    }
    this.#role = role;
    const [request, response]: Direction[] = this.#role === "server" ? ["in", "out"] : ["out", "in"];
    this.#request = this.#halves[request!];
    this.#response = this.#halves[response!];
    if (this.#request.lostEarly) this.#pairing.requestsLost();
  }

  #requestHead(head: RequestHead, pipelined: boolean): Next {
    const half = this.#request;
    const { other } = half.first;
    half.endUnframed();
    if (this.#response.waiting && head.endSeen) {
      // A response that waits for a request in the gap before this one: it won't come any more.
      this.#requestsUntil = half.first.number;
      this.#response.retry();
      this.#requestsUntil = undefined;
    }
    this.#lookAtResponses(other, pipelined);
    // Before HTTP's messages there may have been others, as of a proxy (SOCKS).
    const { boundary = this.#pairing.ordered ? this.#response.skippedUntil : undefined } = this.#response;
    const { certain } = half.parser;
    this.#pairing.noteRequest(half.first, boundary, certain);
    if (!this.#pairing.believes(half.first, boundary, certain)) return "orphan";
    const framing = requestFraming(head);
    const body = this.#store.body(typeof framing === "number" ? framing : undefined);
    const exchange = this.#create({ head, body }, half.messageStart);
    this.#store.begins(exchange, half.first.number);
    half.exchange = exchange;
    half.current = body;
    half.mayUpgrade = head.endSeen && (head.method === "CONNECT" || head.control.upgrades);
    if (half.mayUpgrade) this.#upgrading = exchange;
    this.#pairing.request(exchange, half.first, boundary);
    return framing;
  }

  /** What a request that comes when the responses stand at `number` says of the one at hand. */
  #lookAtResponses(number: number | undefined, pipelined: boolean): void {
    const half = this.#response;
    half.endUnframed();
    const inStep = number !== undefined && half.stream.started && half.stream.number === number;
    if (inStep && !half.waiting) half.endOrphan(0, "complete");
    if (pipelined || (inStep && half.parser.inBody)) this.#pairing.notePipelining();
  }

  /** What the requests' number says while a response to the last that was seen is moved, at `moment`. */
  #lookAtRequests({ other }: Moment): void {
    const { boundary } = this.#request;
    if (boundary === undefined || other === undefined) return;
    // Another was on its way by then, though it has not come, or was lost.
    if (distance(boundary.number, other) >= shortestMessage) this.#pairing.notePipelining();
  }

  #responseHead(head: ResponseHead): Next {
    const half = this.#response;
    half.endUnframed();
    if (head.status < 200 && head.status !== 101) return this.#interim(head);
    if (!this.#pairing.isAwaiting) {
      if (this.#mayWait()) return "wait";
      // It answers what was asked so far.
      this.#request.parser.breakOff("request");
    }
    // Since the response before no request can have been sent: this one's was sent before it.
    const { first, before } = half;
    if (before?.other !== undefined && first.other !== undefined && isAt(before.other, first.other))
      this.#pairing.notePipelining();
    const isAlone = this.#pairing.isEven;
    const exchange = this.#pairing.response(half.first.number);
    if (exchange !== undefined) {
      this.#lookAtRequests(first);
      return this.#respond(exchange, head);
    }
    return half.headOther === undefined ? "orphan" : this.#respondToNone(head, isAlone);
  }

  /** Where it is not known which request it is for, the final one will tell more. */
  #interim(head: ResponseHead): Next {
    const exchange = this.#pairing.next;
    if (exchange !== undefined) {
      exchange.addInterim(head, this.#response.messageStart);
      this.#store.touch(exchange);
    }
    return "interim";
  }

  /** A response that answers no request we know: there was none (408), it was no request (400), or it was lost. */
  #respondToNone(head: ResponseHead, isAlone: boolean): Next {
    const half = this.#response;
    half.beginOrphan();
    // It may be a part of a body that merely looks like one: after a loss, or where the capture began in the middle.
    const begins = half.parser.certain && (this.#isPaired || hasToken(head, "connection", "close"));
    if (!isAlone || !begins) return responseFraming(head, "GET");
    const exchange = this.#create(undefined, half.messageStart);
    exchange.requestOver = true;
    if (!this.#pairing.ordered) exchange.harm = "lost";
    return this.#respond(exchange, head);
  }

  #respond(exchange: CapturedExchange, head: ResponseHead): Next {
    const half = this.#response;
    if (exchange.request !== undefined) this.#confirmRoles();
    const method = exchange.request?.head.method ?? "GET";
    const isTunnel = head.endSeen && (head.status === 101 || (method === "CONNECT" && head.status < 300));
    const framing = isTunnel ? 0 : responseFraming(head, method);
    const body = this.#store.body(typeof framing === "number" ? framing : undefined, exchange);
    exchange.response = { head, body };
    exchange.responseStart = half.messageStart;
    half.exchange = exchange;
    half.current = body;
    this.#store.touch(exchange);
    if (isTunnel) this.#handOver(exchange);
    else if (exchange === this.#upgrading) this.#goOn();
    return isTunnel ? "tunnel" : framing;
  }

  /** The request's direction goes on with HTTP. */
  #goOn(): void {
    this.#upgrading = undefined;
    this.#request.mayUpgrade = false;
    this.#request.parser.release();
  }

  #handOver(exchange: CapturedExchange): void {
    const half = this.#response;
    if (this.#request.exchange === exchange) this.#request.end(0);
    else this.#request.abandon();
    // What was sent behind the request that is answered so was none.
    this.#pairing.giveUpAll("closed");
    const { protocol, goesOn } = this.#successor(exchange, this.#request.direction);
    if (goesOn) half.letGo();
    else half.end(0);
    this.#carrier.swap(protocol);
  }

  #create(request: CapturedExchange["request"], start: number): CapturedExchange {
    const offset = this.#context.wallClockOffset();
    return this.#store.create(this.#origins.of(this.#role!), request, start, offset);
  }

  #confirmRoles(): void {
    if (this.#isPaired) return;
    this.#isPaired = true;
    this.#request.parser.kind = "request";
    this.#response.parser.kind = "response";
  }

  /**
   * A response may come before its request: a client's other thread reads it before the call that writes the request has
   * returned; or a hole in front of the request is waited for. The requests' number tells that bytes are on their way.
   */
  #mayWait(): boolean {
    if (this.#impatient) return false;
    const { other } = this.#response.first;
    const { stream } = this.#request;
    const isClient = this.#role === "client";
    if (other === undefined) return stream.waits || (isClient && this.#pairing.ordered);
    if (this.#requestsUntil !== undefined) return distance(this.#requestsUntil, other) > 0;
    return stream.started ? stream.isBehind(other) : isClient && !stream.ended;
  }

  #settleWaiting(now: number): void {
    const { stream, first, messageSeen } = this.#response;
    const longest = first.other === undefined ? maxWait : maxUpload;
    this.#impatient =
      now - messageSeen > longest || stream.heldBack > maxHeldBack || this.#store.slabs.areShort;
    this.#response.retry();
    this.#impatient = false;
  }

  #giveUp(exchange: CapturedExchange, cause: Cause): void {
    if (cause === "lost") this.#store.unpaired++;
    if (exchange === this.#upgrading) this.#goOn();
    exchange.harm ??= cause;
    exchange.responseOver = true;
    exchange.end = this.#carrier.now;
    this.#store.settle(exchange);
  }

  #mute(what: "other" | "none"): void {
    this.#muted = what === "other";
    for (const direction of ["in", "out"] as const) this.#carrier.mute(direction, what);
  }
}
