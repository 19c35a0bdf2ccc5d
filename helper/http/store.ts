import type { Slabs } from "../memory/slabs.ts";
import { BodyRecorder, type BodySurroundings } from "./body.ts";
import type { Hasher } from "./hasher.ts";
import { Queue } from "./queue.ts";
import { ExchangeRecord, type Place } from "./record.ts";
import { Room } from "./room.ts";

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
export class Store implements BodySurroundings {
  readonly slabs: Slabs;
  readonly bodies: "kept" | "hashed" | "counted";
  readonly maxBody: number;
  /** Bytes that each direction of a connection may keep back, as their call has not ended. */
  readonly maxHeld: number;
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
  readonly #records = new Map<number, ExchangeRecord>();
  /** Finished and kept, in the order they finished; handing over, those that nobody has taken. */
  readonly #finished = new Queue<ExchangeRecord>();
  #nextId = 1;
  #changed: ExchangeRecord[] = [];
  #dropped: number[] = [];
  /** Ended, but for a digest that is being computed. */
  #unfinished = 0;
  #whenSettled: (() => void)[] = [];

  constructor(options: StoreOptions) {
    this.#options = options;
    this.slabs = options.slabs;
    this.bodies = options.bodies;
    this.maxBody = options.maxBody;
    const most = options.slabs.bytes.length / 2;
    this.maxHeld = Math.min(Math.max(leastHeld, options.maxBody), most);
    this.room = new Room(options.slabs, () => this.#inFlight());
  }

  get kept(): number {
    return this.#records.size;
  }

  /** `time` in kernel milliseconds; `offset` makes Unix time of it. */
  create(place: Place, request: ExchangeRecord["request"], time: number, offset: number): ExchangeRecord {
    const record = new ExchangeRecord(this.#nextId++, place, request, time, offset);
    this.#records.set(record.id, record);
    this.inFlight++;
    this.touch(record);
    return record;
  }

  body(expected: number | undefined): BodyRecorder {
    return new BodyRecorder(this, expected);
  }

  createHasher(): Hasher {
    return this.#options.createHasher();
  }

  copied(bytes: number): void {
    this.room.copied += bytes;
  }

  get(id: number): ExchangeRecord | undefined {
    return this.#records.get(id);
  }

  /** The newest exchanges older than `before`, newest first. */
  list(before: number, most: number): ExchangeRecord[] {
    const older = [...this.#records.values()].filter(({ id }) => id < before);
    return older.slice(-most).reverse();
  }

  touch(record: ExchangeRecord): void {
    if (record.dirty || this.#options.handsOver) return;
    record.dirty = true;
    this.#changed.push(record);
  }

  finish(record: ExchangeRecord): void {
    const bodies = [record.request?.body, record.response?.body].filter((body) => body !== undefined);
    let digesting = bodies.length;
    this.#unfinished++;
    for (const body of bodies)
      body.finish(() => {
        if (--digesting === 0) this.#finish(record);
      });
  }

  /** Calls back when everything that has ended is finished. */
  whenSettled(then: () => void): void {
    if (this.#unfinished === 0) then();
    else this.#whenSettled.push(then);
  }

  clear(): void {
    while (this.#finished.length > 0) this.#dropOldest();
  }

  /** Gives up bodies, if memory runs short. */
  makeRoom(): void {
    this.room.make((record) => {
      if (this.#options.handsOver && record.state !== "in-flight") this.evictedUnseen++;
      this.touch(record);
    });
  }

  /** Of what changed the newest, at most `most`; older ones that nobody has taken yet are left to `list`. */
  takeChanges(most: number): Changes {
    const all = this.#changed.filter(({ id }) => this.#records.has(id)).sort((a, b) => a.id - b.id);
    const taken = all.slice(-most);
    this.#changed = [];
    for (const record of all.slice(0, -most)) {
      if (record.sent) this.#changed.push(record);
      else record.dirty = false;
    }
    for (const record of taken) {
      record.dirty = false;
      record.sent = true;
    }
    const dropped = this.#dropped.sort((a, b) => a - b);
    this.#dropped = [];
    return { changed: taken.map(({ id }) => id), dropped };
  }

  /** Hands over finished exchanges; whoever takes them says when they are `done`. */
  takeFinished(most: number): ExchangeRecord[] {
    const taken: ExchangeRecord[] = [];
    while (taken.length < most) {
      const record = this.#finished.shift();
      if (record === undefined) break;
      taken.push(record);
    }
    return taken;
  }

  /** What was handed over isn't needed any more. */
  done(record: ExchangeRecord): void {
    this.#forget(record);
  }

  #finish(record: ExchangeRecord): void {
    record.state = record.harm ?? "complete";
    this.touch(record);
    this.inFlight--;
    this.finishedCount++;
    this.#finished.push(record);
    if (this.#options.handsOver) this.room.pin(record);
    this.room.add(record);
    if (this.#finished.length > this.#options.maxExchanges) this.#dropOldest();
    if (--this.#unfinished === 0) for (const then of this.#whenSettled.splice(0)) then();
  }

  *#inFlight(): Iterable<ExchangeRecord> {
    for (const record of this.#records.values()) if (record.state === "in-flight") yield record;
  }

  #dropOldest(): void {
    const record = this.#finished.shift();
    if (record === undefined) return;
    if (this.#options.handsOver) this.unseen++;
    this.#forget(record);
    if (record.sent) this.#dropped.push(record.id);
  }

  #forget(record: ExchangeRecord): void {
    record.request?.body.release();
    record.response?.body.release();
    while (record.pins > 0) this.room.unpin(record);
    this.room.forget();
    this.#records.delete(record.id);
  }
}
