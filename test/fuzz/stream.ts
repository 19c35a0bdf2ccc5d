/** One direction's calls, told as unkindly as may be: the sink gets each byte once, in order and as it was, or a gap. */
import assert from "node:assert/strict";
import type { Source } from "../../protocol/exchange.ts";
import { shed } from "../../helper/stream/segment.ts";
import { Stream, type StreamSink } from "../../helper/stream/stream.ts";
import type { ScriptSegment } from "../unit/http/script.ts";
import { TestMemory } from "../unit/memory.ts";

/** What the program moves, from its beginning on. */
const script = Uint8Array.from({ length: 1 << 20 }, (_, at) => at * 31 + (at >> 8) * 7 + 1);
/** Used again: to make one takes longer than all else. */
const memory = new TestMemory(4);
const origin = 0xffff_ff00;
const maxHeld = 4096;

/** Three bytes each: what happens, and two numbers. */
export function stream(input: Uint8Array): void {
  const program = new Program();
  for (let at = 0; at + 3 <= input.length; at += 3) program.step(input[at]!, input[at + 1]!, input[at + 2]!);
  program.end();
}

class Program implements StreamSink {
  waiting = false;
  readonly #stream: Stream;
  /** Offset behind the last byte that was moved. */
  #moved = 0;
  #time = 0;
  #afterLoss = false;
  /** Told after the next call. */
  #late: ScriptSegment[] = [];
  /** Of the first call that came; and where what the sink was given ends. */
  #start: number | undefined;
  #given = 0;
  /** The sink will wait after so many bytes. */
  #patience = Infinity;

  constructor() {
    this.#stream = new Stream(this, memory.slabs, maxHeld, () => {});
  }

  step(what: number, a: number, b: number): void {
    const length = Math.min(a * (1 + (b & 15)), script.length - 256 - this.#moved);
    switch (what % 11) {
      case 0:
        return this.#push(this.#pieces(length, "write", 1 + (b >> 6)));
      case 1:
        return this.#push(this.#pieces(length, "write", 2 + (b >> 5)).filter((_, i) => i !== (b & 3)));
      case 2:
        return this.#push([this.#offered(this.#moved + length, b), ...this.#pieces(length, "sendfile", 2)]);
      case 3:
        this.#pieces(length, "write", 1);
        this.#afterLoss = true;
        return;
      case 4:
        this.#pieces(length, "write", 1);
        return;
      case 5:
        // Told again: what was moved before.
        return this.#push([this.#segment(Math.max(this.#moved - a, 0), Math.min(this.#moved, b), "write")]);
      case 6:
        this.#late.push(...this.#pieces(length, "write", 1));
        return;
      case 7:
        this.waiting = false;
        this.#patience = a;
        return this.#stream.resume();
      case 8:
        this.#time += length;
        return this.#stream.expire(this.#time);
      case 9:
        return this.#push(this.#pieces(length, "write", 2), true);
      default:
        return this.#push(this.#pieces(length, "splice", 1 + (b >> 6)).toReversed());
    }
  }

  end(): void {
    this.#push([]);
    this.#stream.end((origin + this.#moved) >>> 0);
    this.waiting = false;
    this.#patience = Infinity;
    this.#stream.resume();
    if (this.#start !== undefined) assert.equal(this.#given, this.#moved);
    assert.equal(memory.slabs.held, 0);
  }

  data(at: number, length: number): number {
    if (this.waiting) return 0;
    const taken = Math.min(length, this.#patience);
    const expected = script.subarray(this.#given, this.#given + taken);
    assert.ok(Buffer.compare(memory.slabs.view(at, taken), expected) === 0, `the bytes at ${this.#given}`);
    this.#given += taken;
    this.#patience -= taken;
    this.waiting = this.#patience === 0;
    return taken;
  }

  gap(length: number): void {
    assert.ok(length >= 0);
    this.#given += length;
  }

  /** A call's, of which the last tells its range. */
  #pieces(length: number, source: Source, count: number): ScriptSegment[] {
    const start = this.#moved;
    this.#moved += length;
    const size = Math.ceil(length / count);
    const pieces = Array.from({ length: count }, (_, i) =>
      this.#segment(
        Math.min(start + i * size, this.#moved),
        Math.min(start + (i + 1) * size, this.#moved),
        source,
      ),
    );
    pieces.at(-1)!.call = { seq: (origin + start) >>> 0, length, reason: "unreadable" };
    return pieces;
  }

  /** Pages behind those that were taken: whoever sends there later may send other bytes. */
  #offered(from: number, length: number): ScriptSegment {
    const segment = this.#segment(from, from + length, "sendfile");
    return { ...segment, bytes: segment.bytes.map((byte) => ~byte) };
  }

  #segment(from: number, to: number, source: Source): ScriptSegment {
    const bytes = script.subarray(from, Math.max(to, from));
    return {
      ...{ kind: "segment", connection: 1, direction: "out", pid: 1, fd: 1, source, bytes },
      ...{ time: ++this.#time, began: this.#time, seq: (origin + from) >>> 0 },
      ...{ call: undefined, afterLoss: false },
    };
  }

  /** `isShed`: the first one's bytes were. */
  #push(segments: ScriptSegment[], isShed = false): void {
    for (const { bytes, ...segment } of [...segments, ...this.#late.splice(0)]) {
      if (this.#afterLoss) segment.afterLoss = true;
      this.#afterLoss = false;
      if (segment.call !== undefined && this.#start === undefined) {
        this.#start = (segment.call.seq - origin) >>> 0;
        this.#given = this.#start;
      }
      const at = isShed && segment.call === undefined ? shed : memory.append(bytes);
      this.#stream.push({ ...segment, at, length: bytes.length });
      // What it doesn't hold is overwritten.
      memory.flush();
    }
  }
}
