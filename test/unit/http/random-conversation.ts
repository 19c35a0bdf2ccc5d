/** Conversations of random messages, moved by random calls, and reported as unkindly as the kernel side ever may. */
import type { Role } from "../../../protocol/exchange.ts";
import type { Direction } from "../../../helper/stream/segment.ts";
import { requestHead, requestWire, responseWire, turn, type Turn } from "./conversation.ts";
import type { Random } from "./random.ts";
import { Script, type ScriptEvent, type ScriptSegment } from "./script.ts";

function randomTurn(random: Random, id: number, last: boolean): Turn {
  const request = random.pick(["none", "fixed", "chunked"] as const);
  const method = random.pick(request === "none" ? ["GET", "HEAD", "DELETE"] : ["POST", "PUT"]);
  const status = random.pick([200, 200, 200, 204, 304, 404]);
  const bodiless = method === "HEAD" || status === 204 || status === 304;
  const response = bodiless
    ? "none"
    : last && random.chance(0.3)
      ? "close"
      : random.pick(["fixed", "chunked"] as const);
  return turn(id, {
    method,
    request,
    requestBody: random.bytes(request === "none" ? 0 : random.int(0, 300)),
    status,
    interim: random.chance(0.1) ? [random.pick([100, 103])] : [],
    response,
    responseBody: random.bytes(response === "none" ? 0 : random.int(0, 2000)),
    chunk: random.int(1, 200),
  });
}

/** Makes calls of a direction's bytes, and records of the calls, as unkindly as the kernel side ever may. */
class Caller {
  readonly script: Script;
  readonly #random: Random;
  /** The first call seen of a direction is its start. */
  readonly #begun = { in: false, out: false };

  constructor(script: Script, random: Random) {
    this.script = script;
    this.#random = random;
  }

  send(direction: Direction, bytes: Uint8Array): void {
    const calls: ScriptSegment[][] = [];
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(
        this.#random.chance(0.3) ? this.#random.int(1, 8) : this.#random.int(1, 900),
        bytes.length - at,
      );
      calls.push(this.#call(direction, bytes, at, length));
      at += length;
    }
    this.script.seq[direction] = (this.script.seq[direction] + bytes.length) >>> 0;
    // Two threads: a call may be reported after the one that followed it. Nobody sends one response with two sendfiles.
    const first = this.#begun[direction] ? 1 : 2;
    this.#begun[direction] = true;
    for (let i = first; i < calls.length; i++) {
      const offered = [calls[i - 1]!, calls[i]!].some(([segment]) => segment!.source === "sendfile");
      if (!offered && this.#random.chance(0.05)) [calls[i - 1], calls[i]] = [calls[i]!, calls[i - 1]!];
    }
    this.script.events.push(...calls.flat());
  }

  #call(direction: Direction, bytes: Uint8Array, at: number, length: number): ScriptSegment[] {
    const random = this.#random;
    const base = this.script.seq[direction];
    const source = direction === "in" ? "read" : random.pick(["write", "sendfile"] as const);
    this.script.time++;
    let pieces: ScriptSegment[] = [];
    for (let from = at; from < at + length;) {
      const to = random.chance(0.5) ? at + length : random.int(from + 1, at + length);
      pieces.push(this.script.segment(direction, base + from, bytes.subarray(from, to), source));
      from = to;
    }
    pieces = random.shuffled(pieces);
    if (source === "sendfile") {
      // Offered beyond what is accepted; later calls send other bytes there.
      if (random.chance(0.4))
        pieces.push(
          this.script.segment(direction, base + at + length, random.bytes(random.int(1, 400)), source),
        );
      pieces = random.shuffled(pieces);
      pieces.push(this.script.segment(direction, base + at + length, new Uint8Array(0), source));
    } else if (random.chance(0.1) && at > 0) {
      // Bytes that already came.
      pieces.unshift(this.script.segment(direction, base + at - 1, bytes.subarray(at - 1, at), source));
    }
    pieces.at(-1)!.call = { seq: (base + at) >>> 0, length, reason: "unreadable" };
    return pieces;
  }
}

/** How a client goes about its requests. `window`: it keeps so many on their way. */
type Client = "waits" | "batches" | "window";

export interface Conversation {
  turns: Turn[];
  role: Role;
  client: Client;
  events: ScriptEvent[];
}

/**
 * Most clients wait for each answer. Some send several requests at once, and then wait for all of the answers; some send
 * the next request as soon as they have one answer of several. Messages are moved whole or in parts, alone or with others.
 */
export function randomConversation(random: Random): Conversation {
  const count = random.int(1, 12);
  const turns = Array.from({ length: count }, (_, i) => randomTurn(random, i + 1, i === count - 1));
  const role = random.pick(["server", "client"] as const);
  const near = () => (random.chance(0.5) ? 0xffffffff - random.int(0, 3000) : random.int(0, 0xffffffff));
  const caller = new Caller(new Script(1, { in: near(), out: near() }).fromStart(), random);
  const directions: [Direction, Direction] = role === "server" ? ["in", "out"] : ["out", "in"];
  const client = random.pick(["waits", "waits", "waits", "batches", "window"] as const);
  if (client === "window") converseByWindow(caller, random, turns, directions);
  else converse(caller, random, turns, directions, client === "batches" ? 4 : 1);
  caller.script.close();
  return { turns, role, client, events: caller.script.events };
}

/** Up to `atOnce` requests, and then the answers to all. Some that are alone are answered before they are whole. */
function converse(
  caller: Caller,
  random: Random,
  turns: Turn[],
  [asks, answers]: [Direction, Direction],
  atOnce: number,
): void {
  for (let i = 0; i < turns.length;) {
    const batch = turns.slice(i, i + random.int(1, atOnce));
    i += batch.length;
    const asked = Buffer.concat(batch.map(requestWire));
    const answered = Buffer.concat(batch.map(responseWire));
    const early = atOnce === 1 && random.chance(0.1);
    const first = early ? random.int(requestHead(batch[0]!).length, asked.length) : asked.length;
    caller.send(asks, asked.subarray(0, first));
    const part = random.chance(0.3) ? random.int(1, answered.length) : answered.length;
    caller.send(answers, answered.subarray(0, part));
    caller.send(answers, answered.subarray(part));
    caller.send(asks, asked.subarray(first));
  }
}

/** From the start so many requests are on their way, as long as there are some: each answer lets go the next. */
function converseByWindow(
  caller: Caller,
  random: Random,
  turns: Turn[],
  [asks, answers]: [Direction, Direction],
): void {
  const window = random.int(2, 6);
  const together = random.chance(0.5);
  const wires = turns.map(responseWire);
  const ends = wires.map((_, i) => Buffer.concat(wires.slice(0, i + 1)).length);
  const answered = Buffer.concat(wires);
  let asked = 0;
  let whole = 0;
  for (let moved = 0; moved < answered.length; whole = ends.filter((end) => end <= moved).length) {
    while (asked < Math.min(turns.length, whole + window)) {
      const next = turns.slice(asked, together ? whole + window : asked + 1);
      asked += next.length;
      caller.send(asks, Buffer.concat(next.map(requestWire)));
    }
    const end = ends[random.chance(0.7) ? whole : random.int(whole, asked - 1)]!;
    const to = random.chance(0.3) ? random.int(moved + 1, end) : end;
    caller.send(answers, answered.subarray(moved, to));
    moved = to;
  }
}
