import type { Role } from "../../protocol/exchange.ts";
import type { ConnectionOpened, Direction, Numbers, Segment } from "../stream/segment.ts";
import { requestFraming, responseFraming } from "./framing.ts";
import type { Head, RequestHead, ResponseHead } from "./head.ts";
import { Lane, type LaneOwner } from "./lane.ts";
import { Pairing, type PairingOwner } from "./pairing.ts";
import type { Next } from "./parser.ts";
import type { End, Ending, ExchangeRecord, Place } from "./record.ts";
import type { Store } from "./store.ts";

/** Without a head in so many bytes a connection counts as not HTTP. */
const patience = 64;
/** Milliseconds that a response is held back in wait of its request. */
const maxHoldTime = 500;

/** What a connection asks and tells of the processes. */
export interface Surroundings {
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

/** One connection: its two lanes, and the exchanges that they make together. */
export class Connection implements LaneOwner, PairingOwner {
  now = 0;
  ending: Ending | undefined;
  countedAsOther = false;
  countedAsSpliced = false;
  readonly #opened: ConnectionOpened;
  readonly #store: Store;
  readonly #surroundings: Surroundings;
  readonly #lanes: Record<Direction, Lane>;
  readonly #pairing: Pairing;
  #request: Lane;
  #response: Lane;
  #role: Role | undefined;
  #place: Place | undefined;
  #pid: number;
  #skipped = 0;
  #muted = false;
  /** A response's head that came before its request's, and when. */
  #heldHead: ResponseHead | undefined;
  #heldSince = 0;

  constructor(opened: ConnectionOpened, store: Store, surroundings: Surroundings) {
    this.#opened = opened;
    this.#store = store;
    this.#surroundings = surroundings;
    this.#pid = opened.pid;
    const { slabs, maxHeld } = store;
    this.#lanes = { in: new Lane(this, slabs, maxHeld), out: new Lane(this, slabs, maxHeld) };
    // As a server's, until a head says which.
    this.#request = this.#lanes.in;
    this.#response = this.#lanes.out;
    this.#pairing = new Pairing(this);
  }

  /** Enough was seen, and it was not HTTP. */
  get isOther(): boolean {
    return this.#role === undefined && this.#skipped >= patience;
  }

  push(segment: Segment): void {
    this.now = segment.time;
    this.#pid = segment.pid;
    const lane = this.#lanes[segment.direction];
    lane.stream.push(segment);
    if (lane.finished !== undefined && !lane.stream.isBehind(lane.finished.number)) this.#finish(lane);
  }

  expire(now: number): void {
    this.#lanes.in.stream.expire(now);
    this.#lanes.out.stream.expire(now);
    for (const lane of [this.#lanes.in, this.#lanes.out])
      if (lane.finished !== undefined && now - lane.finished.time > maxHoldTime) this.#finish(lane);
    if (now - this.#heldSince > maxHoldTime) this.#dropHeld();
    if (now - this.now > maxHoldTime) this.#pairing.decide();
  }

  /** Its FIN was sent, or read; `number` is that of the byte behind the last one. */
  endDirection(direction: Direction, time: number, number: number): void {
    this.now = time;
    const lane = this.#lanes[direction];
    // A thread's call can be reported after the FIN that another one sent meanwhile.
    if (lane.stream.isBehind(number)) lane.finished = { number, time };
    else this.#end(lane, "closed", number, true);
  }

  /** The socket is gone, and after these numbers nothing was moved. */
  close(time: number, numbers: Numbers): void {
    this.now = time;
    // A socket without ports has no FIN: its close is the end of what it sent.
    const whole = this.#opened.local === "unix";
    for (const lane of [this.#request, this.#response])
      this.#end(
        lane,
        "closed",
        lane === this.#lanes.in ? numbers.in : numbers.out,
        whole || lane.finished !== undefined,
      );
  }

  /** Its end was lost, or will not be seen as the capture ends before. */
  abandon(time: number, stopped: boolean): void {
    this.now = time;
    for (const lane of [this.#request, this.#response]) this.#end(lane, stopped ? "stopped" : "lost");
  }

  giveUp(record: ExchangeRecord): void {
    record.harm ??= this.ending ?? "lost";
    record.responseOver = true;
    record.end = this.now;
    this.#settle(record);
  }

  decided(record: ExchangeRecord, own: boolean): void {
    if (own) return this.#settle(record);
    record.response?.body.release();
    record.response = undefined;
    if (this.#response.record === record) {
      this.#response.record = undefined;
      this.#response.current = undefined;
    }
    this.giveUp(record);
  }

  head(lane: Lane, head: Head, pipelined: boolean): Next {
    if (this.#role === undefined) this.#assignRoles(lane, head);
    return head.kind === "request" ? this.#requestHead(head, pipelined) : this.#responseHead(head);
  }

  grown(lane: Lane): void {
    if (lane.record !== undefined) this.#store.touch(lane.record);
  }

  messageEnd(lane: Lane, end: End): void {
    const record = lane.record;
    lane.record = undefined;
    lane.current = undefined;
    if (record === undefined) return;
    if (end !== "complete") record.harm ??= end;
    if (lane === this.#request) {
      record.requestOver = true;
      if (end === "complete") record.requestEnd = this.now;
    } else {
      record.responseOver = true;
      record.end = this.now;
    }
    this.#settle(record);
  }

  lost(lane: Lane, inBody: boolean): void {
    if (this.#role === undefined) {
      lane.lostEarly = true;
      return;
    }
    const harmed = lane.record;
    if (inBody) this.messageEnd(lane, "lost");
    if (lane === this.#request) {
      this.#dropHeld();
      this.#pairing.requestsLost(inBody);
    } else this.#pairing.responsesLost(inBody ? harmed : undefined);
  }

  skipped(lane: Lane, length: number): void {
    this.#skipped += length;
    lane.isOther = true;
    // Both directions: what was attached to in the middle of a body goes on with a head in the other one.
    if (!this.#muted && this.isOther && this.#lanes.in.isOther && this.#lanes.out.isOther)
      this.#mute("other");
    if (this.#role !== undefined && lane === this.#response) this.#pairing.strayResponseBytes();
  }

  heldTooMuch(): void {
    this.#dropHeld();
  }

  untraced(): void {
    this.#surroundings.untraced(this.#pid);
  }

  muteUntil(lane: Lane, until: number | undefined): void {
    const direction = lane === this.#lanes.in ? "in" : "out";
    const what = until === undefined ? "none" : "until";
    this.#surroundings.mute(this.#opened.connection, direction, what, until);
  }

  refused(lane: Lane): boolean {
    const record = lane === this.#request ? lane.record : undefined;
    return (
      record !== undefined &&
      record.request.head.expectsContinue &&
      (record.response?.head.status ?? 0) >= 300
    );
  }

  #assignRoles(lane: Lane, head: Head): void {
    if (this.#muted) this.#mute("none");
    this.#role = (lane === this.#lanes.in) === (head.kind === "request") ? "server" : "client";
    const [request, response]: Direction[] = this.#role === "server" ? ["in", "out"] : ["out", "in"];
    this.#request = this.#lanes[request!];
    this.#response = this.#lanes[response!];
    this.#request.parser.kind = "request";
    this.#response.parser.kind = "response";
    if (this.#request.lostEarly) this.#pairing.requestsLost(false);
  }

  #requestHead(head: RequestHead, pipelined: boolean): Next {
    const lane = this.#request;
    if (!this.#pairing.believes(this.#response.record !== undefined)) return "orphan";
    const framing = requestFraming(head);
    const expected = typeof framing === "number" ? framing : undefined;
    const offset = this.#surroundings.wallClockOffset();
    const record = this.#store.create(this.#currentPlace(), head, expected, lane.messageStart, offset);
    lane.record = record;
    lane.current = record.request.body;
    this.#pairing.request(record, pipelined);
    if (this.#heldHead !== undefined) {
      const held = this.#heldHead;
      this.#heldHead = undefined;
      this.#response.parser.resume(this.#responseHead(held));
    }
    return framing;
  }

  #responseHead(head: ResponseHead): Next {
    if (head.status < 200 && head.status !== 101) return "interim";
    // A client's other thread may read the response before the call that wrote the request has returned; and a hole in
    // front of the request may be waited for.
    const late = this.#role === "client" || this.#request.stream.waits;
    if (late && this.#pairing.inStep && !this.#pairing.awaiting) {
      this.#heldHead = head;
      this.#heldSince = this.now;
      return "hold";
    }
    const record = this.#pairing.response();
    if (record === undefined) return "orphan";
    const { method } = record.request.head;
    const tunnel = head.status === 101 || (method === "CONNECT" && head.status < 300);
    const framing = tunnel ? 0 : responseFraming(head, method);
    const body = this.#store.body(typeof framing === "number" ? framing : undefined);
    record.response = { head, body };
    record.responseStart = this.#response.messageStart;
    this.#store.touch(record);
    this.#response.record = record;
    this.#response.current = body;
    if (!tunnel) return framing;
    this.#request.parser.ignore();
    if (this.#request.record === record) this.#request.end();
    this.#response.end();
    return "tunnel";
  }

  #dropHeld(): void {
    if (this.#heldHead === undefined) return;
    this.#heldHead = undefined;
    this.#pairing.orphan();
    this.#response.parser.resume("orphan");
  }

  #finish(lane: Lane): void {
    const number = lane.finished?.number;
    lane.finished = undefined;
    this.#end(lane, "closed", number, true);
  }

  /** `ending`: what becomes of a message that hasn't ended. `whole`: nothing is missing behind `number`. */
  #end(lane: Lane, ending: Ending, number?: number, whole = false): void {
    this.ending = ending;
    lane.stream.end(number);
    lane.parser.end(whole);
    if (lane === this.#response) {
      this.#heldHead = undefined;
      this.#pairing.decide();
      this.#pairing.giveUpAll();
    }
    this.ending = undefined;
  }

  #settle(record: ExchangeRecord): void {
    if (!record.requestOver || !record.responseOver || this.#pairing.isTentative(record))
      this.#store.touch(record);
    else this.#store.finish(record);
  }

  #mute(what: "other" | "none"): void {
    this.#muted = what === "other";
    for (const direction of ["in", "out"] as const)
      this.#surroundings.mute(this.#opened.connection, direction, what);
  }

  #currentPlace(): Place {
    if (this.#place?.pid !== this.#pid) {
      const { local, remote } = this.#opened;
      const pid = this.#pid;
      this.#place = { pid, process: this.#surroundings.processName(pid), role: this.#role!, local, remote };
    }
    return this.#place!;
  }
}
