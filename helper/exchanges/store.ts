import type { Slabs } from "../memory/slabs.ts";
import { Copies } from "../memory/copies.ts";
import { BodyRecorder, type BodyContext } from "./body.ts";
import type { Hasher } from "./hasher.ts";
import { ById } from "./by-id.ts";
import { Queue } from "./queue.ts";
import { Exclusions } from "./exclusions.ts";
import { CapturedExchange, type Origin } from "./captured-exchange.ts";
import { OtherEnds } from "./other-ends.ts";
import { Room } from "./room.ts";

/** Of what is kept of a body, a body without an end keeps so much less. */
const endlessShare = 4;
const leastHeld = 8 * 1024 * 1024;

export interface StoreOptions {
  slabs: Slabs;
  /** What becomes of bodies. */
  bodies: "kept" | "hashed" | "counted";
  /** Bytes kept or hashed per body. */
  maxBody: number;
  /** Finished exchanges kept. */
  maxExchanges: number;
  /** Finished exchanges are handed over once, by `takeFinished`, and their bodies pinned until `done`. */
  handsOver: boolean;
  createHasher(): Hasher;
}

/** Ids, ascending, each once. */
export interface Changes {
  /** New, or not as they were; those that finished too. */
  changed: number[];
  /** No longer kept; of those that were among `changed` before. */
  dropped: number[];
}

/** Every exchange known, within limits: the oldest finished give up their bodies first, then themselves. */
export class Store implements BodyContext {
  readonly slabs: Slabs;
  readonly copies = new Copies();
  readonly bodies: "kept" | "hashed" | "counted";
  /** A run's choice: it holds for the bodies that begin from then on. */
  maxBody: number;
  /** So is this, for the requests that come from then on. */
  exclusions = new Exclusions([]);
  /** Exchanges that were left out by it. */
  excluded = 0;
  readonly room: Room;
  /** Finished so far, also those no longer kept. */
  finishedCount = 0;
  inFlight = 0;
  /** Requests of which nobody knows which response is theirs. */
  unpaired = 0;
  /** Finished, and dropped before anybody took them. */
  unseen = 0;
  /** Exchanges that had to give up bodies before anybody took them. */
  evictedUnseen = 0;
  readonly #options: StoreOptions;
  readonly #exchanges = new ById<CapturedExchange>();
  readonly #otherEnds = new OtherEnds();
  /** Finished and kept, in the order they finished; handing over, those that nobody has taken. */
  readonly #finished = new Queue<CapturedExchange>();
  #nextId = 1;
  #changed: CapturedExchange[] = [];
  #dropped: number[] = [];
  /** How many read them all, one after the other. */
  #holds = 0;
  /** Ended, but for a digest that is being computed. */
  #unfinished = 0;
  #whenSettled: (() => void)[] = [];

  constructor(options: StoreOptions) {
    this.#options = options;
    this.slabs = options.slabs;
    this.bodies = options.bodies;
    this.maxBody = options.maxBody;
    this.room = new Room(options.slabs, this.copies, () => this.#inFlight());
  }

  /** Bytes that each direction of a connection may keep back, as their call has not ended. */
  get maxHeld(): number {
    return Math.min(Math.max(leastHeld, this.maxBody), this.slabs.bytes.length / 2);
  }

  get kept(): number {
    return this.#exchanges.size;
  }

  /** Of all that are kept, in the order in which they came. */
  get ids(): Iterable<number> {
    return Array.from(this.#exchanges.values(), ({ id }) => id);
  }

  /** `time` in kernel milliseconds; `offset` makes Unix time of it. */
  create(
    origin: Origin,
    request: CapturedExchange["request"],
    time: number,
    offset: number,
  ): CapturedExchange {
    if (request !== undefined && this.exclusions.has(request.head)) {
      this.excluded++;
      request.body.discard();
      return new CapturedExchange(0, origin, request, time, offset);
    }
    const exchange = new CapturedExchange(this.#nextId++, origin, request, time, offset);
    this.#exchanges.add(exchange.id, exchange);
    this.inFlight++;
    this.touch(exchange);
    return exchange;
  }

  /** `of`: the exchange of which it is the response's. */
  body(expected: number | undefined, of?: CapturedExchange): BodyRecorder {
    return wanted(new BodyRecorder(this, expected), of);
  }

  /** Of what may go on for hours. */
  endlessBody(of: CapturedExchange): BodyRecorder {
    return wanted(new BodyRecorder(this, undefined, this.maxBody / endlessShare), of);
  }

  createHasher(): Hasher {
    return this.#options.createHasher();
  }

  /** Its request began with the byte of that sequence number. */
  begins(exchange: CapturedExchange, number: number): void {
    if (exchange.excluded) return;
    const other = this.#otherEnds.add(exchange, number);
    if (other !== undefined) this.touch(other);
  }

  get(id: number): CapturedExchange | undefined {
    return this.#exchanges.get(id);
  }

  touch(exchange: CapturedExchange): void {
    if (exchange.dirty || exchange.excluded || this.#options.handsOver) return;
    exchange.dirty = true;
    this.#changed.push(exchange);
  }

  /** One of its sides may be over: with both it is finished. */
  settle(exchange: CapturedExchange): void {
    if (exchange.requestOver && exchange.responseOver) this.#end(exchange);
    else this.touch(exchange);
  }

  #end(exchange: CapturedExchange): void {
    this.#unfinished++;
    let pending = 1;
    const done = () => {
      if (--pending === 0) this.#finish(exchange);
    };
    for (const message of [exchange.request, exchange.response]) {
      if (message === undefined) continue;
      pending++;
      message.body.finish(done);
    }
    // There may be no body at all: where only an interim response was seen.
    done();
  }

  /** Calls back when everything that has ended is finished. */
  whenSettled(then: () => void): void {
    if (this.#unfinished === 0) then();
    else this.#whenSettled.push(then);
  }

  hold(held: boolean): void {
    this.#holds = Math.max(0, this.#holds + (held ? 1 : -1));
    this.#dropOld();
  }

  clear(): void {
    while (this.#finished.length > 0) this.#dropOldest();
  }

  /** Gives up bodies, if memory runs short. */
  makeRoom(): void {
    this.room.make((exchange) => {
      if (this.#options.handsOver && exchange.state !== "in-flight") this.evictedUnseen++;
      this.touch(exchange);
    });
  }

  /** What changed last, at most `most`; the rest is for the next times. */
  takeChanges(most: number): Changes {
    // In a flood some are dropped before they are taken: those must not pile up.
    if (this.#changed.length > this.kept) this.#changed = this.#changed.filter((each) => this.#isKept(each));
    const taken = this.#changed.splice(-most).filter((each) => this.#isKept(each));
    taken.sort((a, b) => a.id - b.id);
    for (const exchange of taken) {
      exchange.dirty = false;
      exchange.sent = true;
    }
    const dropped = this.#dropped.sort((a, b) => a - b);
    this.#dropped = [];
    return { changed: taken.map(({ id }) => id), dropped };
  }

  /** Hands over finished exchanges; whoever takes them says when they are `done`. */
  takeFinished(most: number): CapturedExchange[] {
    const taken: CapturedExchange[] = [];
    while (taken.length < most) {
      const exchange = this.#finished.shift();
      if (exchange === undefined) break;
      taken.push(exchange);
    }
    return taken;
  }

  /** What was handed over isn't needed any more. */
  done(exchange: CapturedExchange): void {
    this.#forget(exchange);
  }

  #finish(exchange: CapturedExchange): void {
    if (exchange.excluded) releaseBodies(exchange);
    else this.#keep(exchange);
    if (--this.#unfinished === 0) for (const then of this.#whenSettled.splice(0)) then();
  }

  #keep(exchange: CapturedExchange): void {
    exchange.state = exchange.harm ?? "complete";
    this.touch(exchange);
    this.inFlight--;
    this.finishedCount++;
    this.#finished.push(exchange);
    if (this.#options.handsOver) this.room.pin(exchange);
    this.room.add(exchange);
    this.#dropOld();
  }

  #isKept({ id }: CapturedExchange): boolean {
    return this.#exchanges.get(id) !== undefined;
  }

  *#inFlight(): Iterable<CapturedExchange> {
    for (const exchange of this.#exchanges.values()) if (exchange.state === "in-flight") yield exchange;
  }

  #dropOld(): void {
    const most = this.#options.maxExchanges * (this.#holds > 0 ? 2 : 1);
    while (this.#finished.length > most) this.#dropOldest();
  }

  #dropOldest(): void {
    const exchange = this.#finished.shift();
    if (exchange === undefined) return;
    if (this.#options.handsOver) this.unseen++;
    this.#forget(exchange);
    if (exchange.sent) this.#dropped.push(exchange.id);
  }

  #forget(exchange: CapturedExchange): void {
    releaseBodies(exchange);
    while (exchange.pins > 0) this.room.unpin(exchange);
    this.room.forget();
    this.#otherEnds.forget(exchange);
    this.#exchanges.delete(exchange.id);
  }
}

function wanted(body: BodyRecorder, of: CapturedExchange | undefined): BodyRecorder {
  if (of?.excluded) body.discard();
  return body;
}

function releaseBodies({ request, response }: CapturedExchange): void {
  request?.body.release();
  response?.body.release();
}
