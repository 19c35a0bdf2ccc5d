import { setTimeout as sleep } from "node:timers/promises";
import { Slabs, slabBytes } from "../memory/slabs.ts";
import type { TrafficEvent, TrafficSink } from "../stream/segment.ts";
import { control, controlWords, type Addon, type Drain } from "./addon.ts";
import { monotonicNow } from "./clock.ts";
import { Records, type ProcessEvent } from "./records.ts";

/** What a follower hands on, in the order in which the kernel said it. */
export interface FollowerSink extends Pick<TrafficSink, "endBatch"> {
  push(event: TrafficEvent | ProcessEvent): void;
}

/** Records read at a turn: then the client's requests have theirs. */
const recordsPerTurn = 4096;

/**
 * Reads what the addon's thread drains from the ring into the slabs. The thread goes on while JavaScript is busy: that
 * costs memory, and no exchange. Positions count the bytes of all slabs filled so far, one after the other.
 */
export class Follower {
  readonly slabs: Slabs;
  readonly #drain: Drain;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #records: Records;
  readonly #sink: FollowerSink;
  /** Slabs that were read through; and where the one at hand lies, once it is begun. */
  #slab = 0;
  #base: number | undefined;
  /** Bytes read of the slab at hand. */
  #offset = 0;
  /** Kernel milliseconds of the last record. */
  #time = 0;
  #turnIsDue = false;
  #closed = false;

  /** `memory`: MiB for what is captured. Throws NativeError. */
  constructor(addon: Addon, ring: number, ringBytes: number, memory: number, sink: FollowerSink) {
    const bytes = new Uint8Array(new SharedArrayBuffer(memory * slabBytes));
    this.#control = new Int32Array(new SharedArrayBuffer(4 * controlWords(memory)));
    this.slabs = new Slabs(bytes, (slab) => this.#giveBack(slab));
    this.#records = new Records(bytes);
    this.#sink = sink;
    this.#drain = new addon.Drain(ring, ringBytes, bytes, this.#control, () => this.#turnSoon());
    this.#catchUp();
  }

  /** How far the records have come, in kernel milliseconds: while some wait, here or in the ring, it is not the present. */
  get now(): number {
    return this.#isBehind ? this.#time : monotonicNow();
  }

  get #isBehind(): boolean {
    if (this.#closed) return false;
    const passed = Atomics.load(this.#control, control.passed) >>> 0;
    return this.#written !== this.#position || this.#drain.produced() !== passed;
  }

  /** Records that were no records; and those whose bytes were shed for want of slabs. */
  get bad(): number {
    return this.#drain.bad();
  }
  get shed(): number {
    return Atomics.load(this.#control, control.shedRecords) >>> 0;
  }

  /** Resolves when all that the kernel has said until now is read. */
  async passed(): Promise<void> {
    const target = this.#drain.produced();
    const isBefore = (position: number) => ((position - target) | 0) < 0;
    while (!this.#closed && isBefore(Atomics.load(this.#control, control.passed))) {
      this.#drain.wake();
      await this.#moment();
    }
    const written = this.#written;
    while (!this.#closed && this.#position < written) await this.#moment();
  }

  /** Ends the thread. What was captured stays in the slabs. */
  close(): void {
    this.#closed = true;
    this.#drain.close();
  }

  async #moment(): Promise<void> {
    this.#turnSoon();
    await sleep(1);
  }

  get #position(): number {
    return this.#slab * slabBytes + this.#offset;
  }

  /** The published position; only its low 32 bits are, in units of 8 bytes. */
  get #written(): number {
    const position = this.#position;
    const words = (Atomics.load(this.#control, control.written) - position / 8) | 0;
    return position + words * 8;
  }

  #turnSoon(): void {
    if (this.#turnIsDue || this.#closed) return;
    this.#turnIsDue = true;
    setImmediate(() => {
      this.#turnIsDue = false;
      if (!this.#closed) this.#turn();
    });
  }

  #turn(): void {
    const failure = this.#drain.failure();
    // Nothing more would ever come: better that the client sees the helper end than a capture that stands still.
    if (failure !== undefined) throw new Error(`the ring can't be read: ${failure}`);
    const end = this.#written;
    for (let read = 0; read < recordsPerTurn && this.#position < end; read++) this.#next();
    this.slabs.unread = Math.ceil(end / slabBytes) - this.#slab - (this.#base === undefined ? 0 : 1);
    this.#sink.endBatch();
    if (this.#position < end) this.#turnSoon();
    else this.#catchUp();
  }

  /** Asks to be woken; looks once more, as what came in between wakes nobody. */
  #catchUp(): void {
    Atomics.store(this.#control, control.caughtUp, 1);
    if (this.#written !== this.#position) this.#turnSoon();
  }

  #next(): void {
    this.#base ??= this.#begin();
    const at = this.#base + this.#offset;
    const step = this.#offset < slabBytes ? this.#records.step(at) : 0;
    if (step === 0) return this.#end(this.#base);
    const event = this.#records.read(at);
    if (event.kind !== "process") this.#time = event.time;
    this.#sink.push(event);
    this.#offset += step;
  }

  #begin(): number {
    const { count } = this.slabs;
    const slab = Atomics.load(this.#control, control.rings + count + (this.#slab % count));
    const base = slab * slabBytes;
    this.slabs.hold(base);
    return base;
  }

  #end(base: number): void {
    this.slabs.release(base);
    this.#base = undefined;
    this.#offset = 0;
    this.#slab++;
  }

  #giveBack(slab: number): void {
    const { count } = this.slabs;
    const freed = Atomics.load(this.#control, control.freed);
    Atomics.store(this.#control, control.rings + ((freed >>> 0) % count), slab);
    Atomics.store(this.#control, control.freed, (freed + 1) | 0);
  }
}
