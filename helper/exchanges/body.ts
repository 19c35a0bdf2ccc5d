import type { Body, Missing, MissingReason, Range, Source, State } from "../../protocol/exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import type { Copies } from "../memory/copies.ts";
import { Arrivals } from "./arrivals.ts";
import type { Hasher } from "./hasher.ts";
import { portable, readStretches, type BodyPart, type Stretch } from "./stretch.ts";

/** What all bodies share. */
export interface BodyContext {
  readonly slabs: Slabs;
  readonly copies: Copies;
  /** What becomes of their bytes. */
  readonly bodies: "kept" | "hashed" | "counted";
  /** Bytes kept or hashed of each. */
  readonly maxBody: number;
  createHasher(): Hasher;
}

/** Bytes up to here are copied out of the slabs, so that small bodies, which are many, don't hold them. */
const maxCopied = 4096;
/** And so are pieces so small in any body, or they would cost more to note than to copy. */
const tiny = 512;

/** Of the many bodies that have none. */
const none: Stretch[] = [];

/** Keeps a body's bytes at their offsets, with the source of each range and the reason of each that is missing. */
export class BodyRecorder {
  /** Its size, where the head says it. */
  readonly expected: number | undefined;
  size = 0;
  end: State = "in-flight";
  sha256: string | undefined;
  /** Bytes of it that are not there. */
  missing = 0;
  /** Some of it was sent by sendfile or splice: it never passed through the program's memory. */
  bySendfile = false;
  /** Bytes of memory held: in slabs, or copied. */
  held = 0;
  readonly #context: BodyContext;
  /** Bytes kept, the last ones; undefined: the first ones, up to the limit. */
  readonly #window: number | undefined;
  /** Undefined until there are some. */
  #arrivals: Arrivals | undefined;
  #stretches = none;
  #hasher: Hasher | undefined;
  #evicted = false;

  /** `window`: of its bytes the last so many are kept, not the first. */
  constructor(context: BodyContext, expected: number | undefined, window?: number) {
    this.#context = context;
    this.expected = expected;
    this.#window = window;
    if (context.bodies === "hashed") this.#hasher = context.createHasher();
  }

  /** No more of its bytes are wanted. */
  get full(): boolean {
    const { bodies, maxBody } = this.#context;
    return bodies === "counted" || (bodies === "kept" && (this.#evicted || this.size >= maxBody));
  }

  /** `time`: kernel milliseconds. */
  append(at: number, length: number, source: Source, time: number): void {
    if (this.#arrivals === undefined) this.#arrivals = new Arrivals(this.size, time);
    else this.#arrivals.note(this.size, time);
    if (source === "sendfile" || source === "splice") this.bySendfile = true;
    const kept = this.#evicted ? 0 : Math.min(length, Math.max(this.#limit - this.size, 0));
    if (kept > 0) this.#take(at, kept, source);
    if (kept < length) this.miss(length - kept, this.#evicted ? "evicted" : "body-limit");
    // Not at each call: it looks at all that is held.
    if (this.#window !== undefined && this.held > 2 * this.#window)
      this.#giveUpFirst(this.held - this.#window);
  }

  miss(length: number, reason: MissingReason): void {
    if (length === 0) return;
    if (reason === "no-source") this.bySendfile = true;
    const end = this.size + length;
    const { bodies } = this.#context;
    const limit = this.#limit;
    if (bodies === "counted" && reason === "body-limit") {
      this.size = end; // muted, as nobody wants more than its length
      return;
    }
    // Beyond the limit it would not have been kept anyway.
    if (reason === "body-limit" || reason === "evicted" || reason === "never-sent" || end <= limit)
      this.#miss(end, reason);
    else {
      if (this.size < limit) this.#miss(limit, reason);
      this.#miss(end, "body-limit");
    }
  }

  /** What is known of `[start, end)`, in order, cut at the body's size. The bytes are views: true for now. */
  read(start: number, end: number): BodyPart[] {
    return readStretches(this.#stretches, this.#context.slabs.bytes, start, end);
  }

  /** As they are now, for another thread: whoever reads them later holds the slabs until then. */
  get stretches(): readonly Stretch[] {
    return this.#stretches.map(portable);
  }

  /** No more will come. `done`: when its digest, if there is to be one, is known. */
  finish(done: () => void): void {
    const hasher = this.#hasher;
    this.#hasher = undefined;
    if (hasher === undefined) return done();
    if (this.end !== "complete" || this.missing > 0) {
      hasher.abandon();
      return done();
    }
    hasher.finish((digest) => {
      this.sha256 = digest;
      done();
    });
  }

  /** Gives up every byte held, and takes no more. */
  evict(): void {
    if (this.held === 0) return;
    this.#evicted = true;
    const before = this.#stretches;
    this.release();
    this.#stretches = none;
    this.size = 0;
    this.missing = 0;
    for (const stretch of before)
      this.#miss(stretch.end, stretch.kind === "missing" ? stretch.reason : "evicted");
  }

  /** Keeps none of its bytes, whatever will come. */
  discard(): void {
    this.#evicted = true;
    this.release();
  }

  /** Gives the memory back; the recorder is not used any more. */
  release(): void {
    this.#hasher?.abandon();
    this.#hasher = undefined;
    for (const stretch of this.#stretches) this.#free(stretch);
    this.held = 0;
  }

  /** `start`: the exchange's, in kernel milliseconds. */
  toBody(start: number): Body {
    const ranges: Range[] = [];
    const missing: Missing[] = [];
    for (const stretch of this.#stretches) {
      const { start: from, end } = stretch;
      if (stretch.kind === "missing") {
        missing.push({ start: from, end, reason: stretch.reason });
        continue;
      }
      const last = ranges.at(-1);
      if (last?.end === from && last.source === stretch.source) last.end = end;
      else ranges.push({ start: from, end, source: stretch.source });
    }
    const body: Body = { size: this.size, end: this.end, ranges, missing };
    if (this.sha256 !== undefined) body.sha256 = this.sha256;
    // Of one that may go on the first tells as well: what it says is told among what the other side says.
    const fewest = this.#window === undefined ? 2 : 1;
    if (this.#arrivals !== undefined && this.#arrivals.count >= fewest)
      body.arrivals = this.#arrivals.since(start);
    return body;
  }

  get #limit(): number {
    return this.#window === undefined ? this.#context.maxBody : Infinity;
  }

  /** Gives up stretches from the body's beginning, until so many bytes less are held. */
  #giveUpFirst(bytes: number): void {
    let given = 0;
    const kept = this.#stretches.findIndex((stretch) => {
      if (given >= bytes) return true;
      if (stretch.kind !== "missing") given += stretch.end - stretch.start;
      this.#free(stretch);
      return false;
    });
    const first = this.#stretches[kept]?.start ?? this.size;
    this.#stretches.splice(0, kept < 0 ? this.#stretches.length : kept, {
      kind: "missing",
      start: 0,
      end: first,
      reason: "evicted",
    });
    this.held -= given;
    this.missing += given;
  }

  #free(stretch: Stretch): void {
    if (stretch.kind === "slab") this.#context.slabs.release(stretch.at);
    else if (stretch.kind === "copy") this.#context.copies.giveBack(stretch.room);
  }

  #take(at: number, length: number, source: Source): void {
    const { slabs, bodies } = this.#context;
    const start = this.size;
    const end = start + length;
    this.size = end;
    if (bodies === "kept") {
      this.held += length;
      // In HTTP/2 more may come than was announced.
      if (Math.max(end, this.expected ?? 0) <= maxCopied || length <= tiny)
        this.#copy(at, start, end, source);
      else {
        slabs.hold(at);
        this.#add({ kind: "slab", start, end, source, at });
      }
      return;
    }
    if (bodies === "counted") return;
    if (this.missing === 0) this.#hasher?.update(at, length);
    const last = this.#stretches.at(-1);
    if (last?.kind === "hashed" && last.source === source) last.end = end;
    else this.#add({ kind: "hashed", start, end, source });
  }

  #copy(at: number, start: number, end: number, source: Source): void {
    const length = end - start;
    const { slabs, copies } = this.#context;
    const last = this.#stretches.at(-1);
    if (last?.kind === "copy" && last.source === source && end - last.start <= last.room) {
      slabs.bytes.copy(last.block, last.at + start - last.start, at, at + length);
      last.end = end;
      return;
    }
    // A body that comes in small pieces gets room for the next ones.
    const likely =
      this.expected !== undefined && this.expected <= maxCopied
        ? this.expected - start
        : 2 * (last?.kind === "copy" ? last.room : 0);
    const room = Math.max(length, Math.min(likely, maxCopied));
    const place = copies.take(room);
    slabs.bytes.copy(place.block, place.at, at, at + length);
    this.#add({ kind: "copy", start, end, source, block: place.block, at: place.at, room });
  }

  /** Most bodies are one stretch, and a list that begins with `push` has room for many. */
  #add(stretch: Stretch): void {
    if (this.#stretches.length === 0) this.#stretches = [stretch];
    else this.#stretches.push(stretch);
  }

  #miss(end: number, reason: MissingReason): void {
    const start = this.size;
    this.missing += end - start;
    this.size = end;
    const last = this.#stretches.at(-1);
    if (last?.kind === "missing" && last.reason === reason) last.end = end;
    else if (end > start) this.#add({ kind: "missing", start, end, reason });
  }
}
