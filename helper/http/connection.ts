import type { Role } from "../../protocol/exchange.ts";
import {
  distance,
  type ConnectionOpened,
  type Direction,
  type Numbers,
  type Segment,
} from "../stream/segment.ts";
import { requestFraming, responseFraming } from "./framing.ts";
import { Half, type HalfOwner } from "./half.ts";
import { hasToken, type Head, type RequestHead, type ResponseHead } from "./head.ts";
import { isAt } from "./moment.ts";
import { Pairing } from "./pairing.ts";
import type { Next } from "./parser.ts";
import type { End, Ending, CapturedExchange, Origin } from "./captured-exchange.ts";
import type { Store } from "./store.ts";

/** Without a head in so many bytes a connection counts as not HTTP. */
const patience = 64;
/** Milliseconds that an end waits for what was moved before it, and a response for a request that may not come. */
const maxWait = 500;
/** Milliseconds that a response waits for its request, of which bytes are known to be on their way. */
const maxUpload = 60_000;
/** Bytes that may come of a response that waits. */
const maxHeldBack = 256 * 1024;

/** What a connection asks and tells of the processes. */
export interface ConnectionContext {
  processName(pid: number): string;
  /** The process moved bytes by other means than the traced system calls. */
  untraced(pid: number): void;
  /** What makes Unix time of kernel time, at the moment: both in milliseconds. */
  wallClockOffset(): number;
  mute: Mute;
}

/**
 * Tells the kernel which bytes of a direction nobody wants, so that it need not copy them: those up to the sequence number
 * `until`; with `other`, all but the beginning of each call, as what isn't HTTP may yet become it; all; or none any more.
 */
export type Mute = (
  connection: number,
  direction: Direction,
  what: "until" | "other" | "all" | "none",
  until?: number,
) => void;

/** One connection: its two directions, and the exchanges that they make together. */
export class Connection implements HalfOwner {
  countedAsOther = false;
  countedAsSpliced = false;
  readonly #opened: ConnectionOpened;
  readonly #store: Store;
  readonly #context: ConnectionContext;
  readonly #halves: Record<Direction, Half>;
  readonly #pairing: Pairing;
  #request: Half;
  #response: Half;
  #role: Role | undefined;
  /** A response was paired: the role is no guess any more. */
  #isPaired = false;
  #origin: Origin | undefined;
  #pid: number;
  /** Kernel milliseconds of the last event. */
  #now = 0;
  #skipped = 0;
  #muted = false;
  /** The response that waits for its request waits no longer. */
  #impatient = false;
  /** While a request's head is looked at: where it begins. Until there the requests are known. */
  #requestsUntil: number | undefined;

  constructor(opened: ConnectionOpened, store: Store, context: ConnectionContext) {
    this.#opened = opened;
    this.#store = store;
    this.#context = context;
    this.#pid = opened.pid;
    this.#halves = { in: new Half("in", this, store), out: new Half("out", this, store) };
    // As a server's, until a head says which.
    this.#request = this.#halves.in;
    this.#response = this.#halves.out;
    this.#pairing = new Pairing((exchange, ending) => this.#giveUp(exchange, ending));
  }

  /** Enough was seen, and it was not HTTP. Where something was lost that may have been heads, nobody knows. */
  get isOther(): boolean {
    const { in: received, out: sent } = this.#halves;
    return this.#role === undefined && this.#skipped >= patience && !received.lostEarly && !sent.lostEarly;
  }

  get opened(): ConnectionOpened {
    return this.#opened;
  }

  push(segment: Segment): void {
    this.#now = segment.time;
    this.#pid = segment.pid;
    const half = this.#halves[segment.direction];
    half.stream.push(segment);
    if (this.#response.waiting) this.#settleWaiting(segment.time);
    // What came while it seemed to be the responses' half, and waited.
    if (this.#request.stream.heldBack > 0) this.#request.stream.resume();
    if (this.#request.isDone) this.#finish(this.#request);
    if (this.#response.isDone) this.#finish(this.#response);
  }

  expire(now: number): void {
    const { in: received, out: sent } = this.#halves;
    for (const half of [received, sent]) {
      half.stream.expire(now);
      if (half.finished !== undefined && now - half.finished.time > maxWait) this.#finish(half);
      if (now - this.#now > maxWait) half.endUnframed();
    }
    if (this.#response.waiting) this.#settleWaiting(now);
  }

  /** Its FIN was sent, or read; `number` is that of the byte behind the last one. */
  endDirection(direction: Direction, time: number, number: number): void {
    this.#now = time;
    const half = this.#halves[direction];
    half.hasFin = true;
    // A thread's call can be reported after the FIN that another one sent meanwhile.
    half.finished = { number, time };
    if (half.isDone) this.#finish(half);
  }

  /** The socket is gone, and after these numbers nothing was moved. `reset`: see ConnectionClosed. */
  close(time: number, numbers: Numbers, reset: boolean | undefined): void {
    this.#now = time;
    const isUnix = this.#opened.local === "unix";
    // MPTCP doesn't tell.
    const wasReset = reset ?? !(isUnix || this.#halves.in.hasFin || this.#halves.out.hasFin);
    const ending = wasReset ? "reset" : "closed";
    for (const half of [this.#request, this.#response]) {
      // A socket without ports has no FIN: its close is the end of what it sent, but not of what it might have read.
      const whole = half.hasFin || (isUnix && half.direction === "out");
      this.#end(half, ending, numbers[half.direction], whole);
    }
    this.#pairing.giveUpAll(ending);
  }

  /** Its end was lost, or will not be seen as the capture ends before. */
  abandon(time: number, stopped: boolean): void {
    this.#now = time;
    const ending = stopped ? "stopped" : "lost";
    for (const half of [this.#request, this.#response]) this.#end(half, ending);
    this.#pairing.giveUpAll(ending);
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
      // Nobody waits for the rest of a request that was answered.
      if (this.#request.exchange === exchange && this.#request.endUnframed()) return;
    }
    this.#settle(exchange);
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

  untraced(): void {
    this.#context.untraced(this.#pid);
  }

  muteUntil(direction: Direction, until: number | undefined): void {
    const what = until === undefined ? "none" : "until";
    this.#context.mute(this.#opened.connection, direction, what, until);
  }

  /**
   * Whether a head in that half may give that role. What a server seems to be asked by, though it connected, is a part of a
   * body: an upload that contains a response. But seen in both directions, the connection is used the other way round.
   */
  #mayBe(role: Role, half: Half): boolean {
    if (role === (this.#opened.role ?? role)) return true;
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
    this.#origin = undefined;
    const [request, response]: Direction[] = this.#role === "server" ? ["in", "out"] : ["out", "in"];
    this.#request = this.#halves[request!];
    this.#response = this.#halves[response!];
    if (this.#request.lostEarly) this.#pairing.requestsLost();
  }

  #requestHead(head: RequestHead, pipelined: boolean): Next {
    const half = this.#request;
    const { other } = half.first;
    half.endUnframed();
    if (this.#response.waiting) {
      // A response that waits for a request in the gap before this one: it won't come any more.
      this.#requestsUntil = half.first.number;
      this.#response.retry();
      this.#requestsUntil = undefined;
    }
    this.#lookAtResponses(other, pipelined);
    const { boundary } = this.#response;
    if (!this.#pairing.believes(half.first, boundary)) return "orphan";
    const framing = requestFraming(head);
    const body = this.#store.body(typeof framing === "number" ? framing : undefined);
    const exchange = this.#create({ head, body }, half.messageStart);
    half.exchange = exchange;
    half.current = body;
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

  #responseHead(head: ResponseHead): Next {
    const half = this.#response;
    half.endUnframed();
    if (head.status < 200 && head.status !== 101) return "interim";
    if (!this.#pairing.isAwaiting && this.#mayWait()) return "wait";
    // Since the response before no request can have been sent: this one's was sent before it.
    const { first, before } = half;
    if (before?.other !== undefined && first.other !== undefined && isAt(before.other, first.other))
      this.#pairing.notePipelining();
    const isAlone = this.#pairing.isEven;
    const exchange = this.#pairing.response(half.first.number);
    if (exchange !== undefined) return this.#respond(exchange, head);
    return half.headOther === undefined ? "orphan" : this.#respondToNone(head, isAlone);
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
    const isTunnel = head.status === 101 || (method === "CONNECT" && head.status < 300);
    const framing = isTunnel ? 0 : responseFraming(head, method);
    const body = this.#store.body(typeof framing === "number" ? framing : undefined);
    exchange.response = { head, body };
    exchange.responseStart = half.messageStart;
    half.exchange = exchange;
    half.current = body;
    this.#store.touch(exchange);
    if (!isTunnel) return framing;
    if (this.#request.exchange === exchange) this.#request.end(0);
    else this.#request.abandon();
    this.#request.parser.ignore();
    half.end(0);
    return "tunnel";
  }

  #create(request: CapturedExchange["request"], start: number): CapturedExchange {
    const offset = this.#context.wallClockOffset();
    return this.#store.create(this.#currentOrigin(), request, start, offset);
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

  #finish(half: Half): void {
    const number = half.finished?.number;
    half.finished = undefined;
    this.#end(half, "closed", number, true);
  }

  /** `ending`: what becomes of a message that hasn't ended. `whole`: nothing is missing behind `number`. */
  #end(half: Half, ending: Ending, number?: number, whole = false): void {
    this.#impatient = true;
    half.retry();
    this.#impatient = false;
    half.stream.time = this.#now;
    half.stop(ending, number, whole);
    if (half === this.#response) this.#pairing.giveUpAll(ending);
    else if (this.#response.waiting) this.#settleWaiting(this.#now);
  }

  #giveUp(exchange: CapturedExchange, ending: Ending): void {
    if (ending === "lost") this.#store.unpaired++;
    exchange.harm ??= ending;
    exchange.responseOver = true;
    exchange.end = this.#now;
    this.#settle(exchange);
  }

  #settle(exchange: CapturedExchange): void {
    if (exchange.requestOver && exchange.responseOver) this.#store.finish(exchange);
    else this.#store.touch(exchange);
  }

  #mute(what: "other" | "none"): void {
    this.#muted = what === "other";
    for (const direction of ["in", "out"] as const)
      this.#context.mute(this.#opened.connection, direction, what);
  }

  #currentOrigin(): Origin {
    if (this.#origin?.pid !== this.#pid) {
      const { local, remote } = this.#opened;
      const pid = this.#pid;
      this.#origin = { pid, process: this.#context.processName(pid), role: this.#role!, local, remote };
    }
    return this.#origin!;
  }
}
