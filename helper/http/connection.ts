import type { Role } from "../../protocol/exchange.ts";
import type { ConnectionOpened, Direction, Segment } from "../stream/segment.ts";
import { requestFraming, responseFraming } from "./framing.ts";
import type { Head, RequestHead, ResponseHead } from "./head.ts";
import { Lane, type End, type LaneOwner } from "./lane.ts";
import { Pairing, type PairingOwner } from "./pairing.ts";
import type { Next } from "./parser.ts";
import type { ExchangeRecord, Place } from "./record.ts";
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
}

/** One connection: its two lanes, and the exchanges that they make together. */
export class Connection implements LaneOwner, PairingOwner {
  now = 0;
  stopped = false;
  countedAsOther = false;
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
  /** What is given up now is so because the responses' direction has ended. */
  #closing = false;
  /** A response's head that came before its request's, and when. */
  #heldHead: ResponseHead | undefined;
  #heldSince = 0;

  constructor(opened: ConnectionOpened, store: Store, surroundings: Surroundings) {
    this.#opened = opened;
    this.#store = store;
    this.#surroundings = surroundings;
    this.#pid = opened.pid;
    const { pool, maxHeld } = store;
    this.#lanes = { in: new Lane(this, pool, maxHeld), out: new Lane(this, pool, maxHeld) };
    // As a server's, until a head says which.
    this.#request = this.#lanes.in;
    this.#response = this.#lanes.out;
    this.#pairing = new Pairing(this);
  }

  /** Enough was seen, and it was not HTTP. */
  get isOther(): boolean {
    return this.#role === undefined && this.#skipped >= patience;
  }

  /** Whether it keeps a part of the batch: `endBatch` is due at its end. */
  push(segment: Segment): boolean {
    this.now = segment.time;
    this.#pid = segment.pid;
    const { stream } = this.#lanes[segment.direction];
    stream.push(segment);
    return stream.borrows;
  }

  endBatch(): void {
    this.#lanes.in.stream.endBatch();
    this.#lanes.out.stream.endBatch();
  }

  expire(now: number): void {
    this.#lanes.in.stream.expire(now);
    this.#lanes.out.stream.expire(now);
    if (now - this.#heldSince > maxHoldTime) this.#dropHeld();
    if (now - this.now > maxHoldTime) this.#pairing.decide();
  }

  endDirection(direction: Direction, time: number): void {
    this.now = time;
    this.#end(this.#lanes[direction]);
  }

  /** `stopped`: not the connection ends, but the capture. */
  close(time: number, stopped = false): void {
    this.now = time;
    this.stopped = stopped;
    this.#end(this.#request);
    this.#end(this.#response);
  }

  giveUp(record: ExchangeRecord): void {
    record.harm ??= this.stopped ? "stopped" : this.#closing ? "closed" : "lost";
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
    if (this.#role !== undefined && lane === this.#response) this.#pairing.strayResponseBytes();
  }

  heldTooMuch(): void {
    this.#dropHeld();
  }

  untraced(): void {
    this.#surroundings.untraced(this.#pid);
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
    const record = this.#store.create(this.#currentPlace(), head, expected, lane.messageStart);
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

  #end(lane: Lane): void {
    lane.stream.end();
    lane.parser.end();
    if (lane === this.#response) {
      this.#heldHead = undefined;
      this.#pairing.decide();
      this.#closing = true;
      this.#pairing.giveUpAll();
      this.#closing = false;
    }
  }

  #settle(record: ExchangeRecord): void {
    if (!record.requestOver || !record.responseOver || this.#pairing.isTentative(record))
      this.#store.touch(record);
    else this.#store.finish(record);
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
