/** Reads what a Drain appends, as helper/capture/addon.ts describes it; keeps no slab. */
import assert from "node:assert/strict";
import { control as word, controlWords, type Addon, type Drain } from "../../helper/capture/addon.ts";
import { Records } from "../../helper/capture/records.ts";
import { copied, type CopiedEvent, type CopiedSegment } from "../../helper/capture/self-test.ts";
import { slabBytes, Slabs } from "../../helper/memory/slabs.ts";

const units = slabBytes / 8;

/** `head`: it may be part of a message's head. */
export type SeenSegment = CopiedSegment & { head: boolean };
export type SeenEvent = Exclude<CopiedEvent, CopiedSegment> | SeenSegment;

const headFlag = 4; // SEGMENT_HEAD

export class Follower {
  readonly memory: Uint8Array;
  readonly control: Int32Array;
  readonly drain: Drain;
  /** How often it was woken. */
  calls = 0;
  /** Position in the stream, in units of 8 bytes. */
  position = 0;
  readonly #slabs: number;

  constructor(addon: Addon, ringFd: number, ringBytes: number, slabs: number) {
    this.#slabs = slabs;
    this.memory = new Uint8Array(new SharedArrayBuffer(slabs * slabBytes));
    this.control = new Int32Array(new SharedArrayBuffer(4 * controlWords(slabs)));
    this.drain = new addon.Drain(ringFd, ringBytes, this.memory, this.control, () => this.calls++);
  }

  /** Takes every record up to `written`; their bytes are the slab's, only until the call returns. */
  read(take: (record: Uint8Array) => void): void {
    const ahead = (Atomics.load(this.control, word.written) - this.position) >>> 0;
    for (const end = this.position + ahead; this.position < end;) {
      const k = Math.floor(this.position / units);
      const slab = Atomics.load(this.control, 8 + this.#slabs + (k % this.#slabs));
      const at = slab * slabBytes + (this.position % units) * 8;
      const [length = 0, zero] = new Uint32Array(this.memory.buffer, at, 2);
      assert.equal(zero, 0);
      if (length > 0) take(this.memory.subarray(at + 8, at + 8 + length));
      this.position = length > 0 ? this.position + 1 + Math.ceil(length / 8) : (k + 1) * units;
      if (this.position % units === 0) this.#free(slab);
    }
  }

  /** Takes everything that lay in the ring when it was called. */
  async readAll(take: (record: Uint8Array) => void): Promise<void> {
    const end = this.drain.produced();
    this.drain.wake();
    for (let behind = true; behind;) {
      behind = ((end - Atomics.load(this.control, word.passed)) | 0) > 0;
      assert.equal(this.drain.failure(), undefined);
      this.read(take);
      if (behind) await new Promise(setImmediate);
    }
  }

  /** Likewise, as events, without those of processes. */
  async events(): Promise<SeenEvent[]> {
    const events: SeenEvent[] = [];
    await this.readAll((record) => {
      const bytes = new Uint8Array(8 + record.length);
      new DataView(bytes.buffer).setUint32(0, record.length, true);
      bytes.set(record, 8);
      const event = new Records(bytes).read(0);
      if (event.kind === "process") return;
      const copy = copied(event, new Slabs(bytes, () => {}));
      events.push(copy.kind === "segment" ? { ...copy, head: ((record[3] ?? 0) & headFlag) !== 0 } : copy);
    });
    assert.equal(this.drain.bad(), 0);
    return events;
  }

  #free(slab: number): void {
    const freed = Atomics.load(this.control, word.freed) >>> 0;
    Atomics.store(this.control, 8 + (freed % this.#slabs), slab);
    Atomics.store(this.control, word.freed, freed + 1);
  }
}
