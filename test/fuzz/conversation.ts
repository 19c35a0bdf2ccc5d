/**
 * A fuzzer's bytes as the traffic of a few connections. All are data of the connection and direction at hand but the escape
 * and what follows it, so whatever is inserted, cut out or repeated leaves a conversation, and nearly the same one.
 */
import { Capture, Script, type ScriptEvent, type ScriptSegment } from "../unit/http/script.ts";
import { TestMemory } from "../unit/memory.ts";
import { shed, type Direction } from "../../helper/stream/segment.ts";
import type { MissingReason, Role } from "../../protocol/exchange.ts";

/** In UTF-8 it never comes; in a corpus it reads `þ`. */
const escape = 0xfe;
/** Connections side by side. */
const slots = 4;
/** Bytes of one call. */
const longestCall = 256 * 1024;

const roles: (Role | undefined)[] = ["server", "client", undefined, "server"];
const bodies = ["kept", "hashed", "counted", "kept"] as const;
const reasons: MissingReason[] = ["no-source", "body-limit", "spliced", "concurrent", "unreadable", "shed"];
/** Of all conversations, one after the other: to make one takes longer than to play one. */
let memory = new TestMemory(4);
const origin = { in: 0xffff_fff0, out: 5000 };

/** What was said before on a connection on which requests go in that direction. */
export type Before = (script: Script, asks: Direction, answers: Direction) => void;

export class Conversation {
  readonly capture: Capture;
  readonly areCounted: boolean;
  /** Ids of all exchanges that were told of. */
  readonly told = new Set<number>();
  readonly #role: Role | undefined;
  /** The connections' first bytes are among those that are captured. */
  readonly #fromStart: boolean;
  readonly #before: Before;
  readonly #scripts: (Script | undefined)[] = [];
  #slot = 0;
  #connections = 0;
  #time = 1000;
  #direction: Direction = "in";
  /** The call at hand: its bytes, the places where records begin, and what no record carries. */
  #parts: Uint8Array[] = [];
  #length = 0;
  #cuts: number[] = [];
  #holes: [number, number][] = [];
  /** Where a frame of HTTP/2 begins whose length is still to be written. */
  #frame: Buffer | undefined;
  #reason: MissingReason = "no-source";
  #knowsOther = true;
  readonly #lost = { in: false, out: false };
  /** Events that are told after those of the next call. */
  #late: ScriptEvent[] = [];

  constructor(settings: number, before: Before = () => {}) {
    this.#role = roles[settings & 3];
    this.#fromStart = (settings & 128) !== 0;
    this.#before = before;
    // One that failed may have left something.
    if (memory.slabs.held > 0) memory = new TestMemory(4);
    const kept = bodies[(settings >> 2) & 3]!;
    this.areCounted = kept === "counted";
    this.capture = new Capture({
      memory,
      bodies: kept,
      maxBody: settings & 16 ? 100 : 1 << 20,
      maxExchanges: settings & 32 ? 2 : 100,
      handsOver: (settings & 64) !== 0,
    });
  }

  play(input: Uint8Array): void {
    for (let at = 0; at < input.length;) {
      const found = input.indexOf(escape, at);
      const end = found < 0 ? input.length : found;
      this.#add(input.subarray(at, end));
      if (found < 0) break;
      at = end + 2;
      this.#command(String.fromCharCode(input[end + 1] ?? 0), () => input[at++] ?? 0);
    }
    this.#call();
  }

  /** All that is open ends, in one of several ways. */
  end(how: "closed" | "aborted" | "stopped"): void {
    for (const script of this.#scripts)
      if (script !== undefined && how !== "stopped") {
        if (how === "closed") script.end("in").end("out");
        this.#push(script.abort().events.splice(0));
      }
    this.#push([]);
    this.capture.traffic.end(++this.#time);
  }

  takeChanges(most: number): void {
    for (const id of this.capture.traffic.takeChanges(most).changed) this.told.add(id);
  }

  #command(name: string, argument: () => number): void {
    const { traffic } = this.capture;
    switch (name) {
      case "<":
      case ">":
        this.#call();
        this.#direction = name === "<" ? "in" : "out";
        return;
      case ".":
        return this.#call();
      case "|":
        if (this.#length > 0) this.#cuts.push(this.#length);
        return;
      case "-": {
        const length = argument() ** 2;
        this.#holes.push([this.#length, this.#length + length]);
        return this.#add(new Uint8Array(length));
      }
      case "*":
        return this.#repeat(argument());
      case "h":
        return this.#beginFrame(argument(), argument(), argument());
      case "!":
        return this.#call({ lost: true });
      case "^":
        return this.#call({ late: true });
      case "$":
        return this.#call({ offered: argument() });
      case "~":
        this.#call();
        this.#script.seq[this.#direction] += argument() ** 2;
        return;
      case "?":
        this.#knowsOther = false;
        return;
      case "r":
        this.#reason = reasons[argument() % reasons.length]!;
        return;
      case "n":
        this.#call();
        this.#slot = argument() % slots;
        return;
      case "N":
      case "x":
      case "c":
        return this.#leave(name);
      case "]":
        this.#call();
        this.#push(this.#script.end(this.#direction).events.splice(0));
        return;
      case "t":
        this.#call();
        this.#time += argument() ** 2;
        return traffic.expire(this.#time);
      case "e":
        this.#call();
        return traffic.endRun(++this.#time);
      case "k":
        this.takeChanges(Infinity);
        return traffic.clear();
      case "g":
        return this.takeChanges(argument());
      case "d":
        return traffic.takeFinished(argument()).done();
      case "p":
        traffic.pin(argument(), true);
        return;
      case "u":
        traffic.pin(argument(), false);
        return;
      default:
        return this.#add(Uint8Array.of(name.charCodeAt(0)));
    }
  }

  get #script(): Script {
    return (this.#scripts[this.#slot] ??= this.#open());
  }

  #open(): Script {
    const script = new Script(++this.#connections, { ...origin }, this.#role);
    // Who comes after has the addresses of who was there before.
    if (this.#fromStart) script.fromStart();
    const [opened] = script.events;
    if (opened?.kind === "opened") opened.remote = `127.0.0.1:${50_000 + this.#slot}`;
    if (this.#role === "client") this.#before(script, "out", "in");
    else this.#before(script, "in", "out");
    this.#push(script.events.splice(0));
    return script;
  }

  /** The connection ends; `N`: nobody hears of it. */
  #leave(how: "N" | "x" | "c"): void {
    this.#call();
    if (how !== "N") this.#push(this.#script.abort(how === "x" ? true : undefined).events.splice(0));
    this.#scripts[this.#slot] = undefined;
  }

  #add(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#length + bytes.length > longestCall) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  #repeat(times: number): void {
    const bytes = Buffer.concat(this.#parts);
    for (let i = 1; i < times; i++) this.#add(bytes);
  }

  #beginFrame(type: number, flags: number, stream: number): void {
    this.#endFrame();
    this.#frame = Buffer.of(0, 0, 0, type, flags, 0, 0, 0, stream);
    this.#add(this.#frame);
  }

  #endFrame(): void {
    if (this.#frame === undefined) return;
    const begin = this.#parts.indexOf(this.#frame);
    const payload = this.#parts.slice(begin + 1).reduce((sum, part) => sum + part.length, 0);
    this.#frame.writeUIntBE(payload, 0, 3);
    this.#frame = undefined;
  }

  /** The program's call ends, and its records come; or are lost, or come late; or it had offered more than it moved. */
  #call({
    lost = false,
    late = false,
    offered,
  }: { lost?: boolean; late?: boolean; offered?: number } = {}): void {
    this.#endFrame();
    if (this.#length === 0) return;
    const script = this.#script;
    const direction = this.#direction;
    const source = direction === "in" ? "read" : offered === undefined ? "write" : "sendfile";
    const end = script.seq[direction] + this.#length;
    script.time = Math.max(script.time, this.#time);
    script.call(direction, Buffer.concat(this.#parts), {
      ...{ source, cuts: this.#cuts, holes: this.#holes, reason: this.#reason },
    });
    this.#time = script.time;
    const events = script.events.splice(0);
    if (source === "sendfile" && offered !== undefined && offered > 0)
      events.unshift(script.segment(direction, end, new Uint8Array(offered).fill(0x61), source));
    if (!this.#knowsOther) for (const event of events) if (event.kind === "segment") event.other = undefined;
    this.#parts = [];
    this.#length = 0;
    this.#cuts = [];
    this.#holes = [];
    this.#knowsOther = true;
    if (lost) this.#lost[direction] = true;
    else if (late) this.#late.push(...events);
    else this.#push(events);
  }

  #push(events: ScriptEvent[]): void {
    for (const event of [...events, ...this.#late.splice(0)]) {
      if (event.kind === "segment" && this.#lost[event.direction]) {
        event.afterLoss = true;
        this.#lost[event.direction] = false;
      }
      if (event.kind === "segment" && memory.slabs.free < 2) this.#shed(event);
      else this.capture.push(event);
    }
    this.capture.endBatch();
  }

  /** The slabs have run out: its bytes don't come. */
  #shed({ bytes, ...segment }: ScriptSegment): void {
    this.capture.traffic.push({ ...segment, at: shed, length: bytes.length });
  }
}
