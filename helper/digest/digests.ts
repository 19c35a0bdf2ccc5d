import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { Hasher } from "../exchanges/hasher.ts";
import type { Slabs } from "../memory/slabs.ts";
import { order, type Answers } from "./messages.ts";

/** A body up to here is hashed at once: to hand it over would take longer. */
const small = 16 * 1024;

/** Digests of bodies, computed by a thread of its own where they lie: until it has read them, their slabs are held. */
export class Digests {
  readonly #slabs: Slabs;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (digest: string) => void>();
  #orders: number[] = [];
  #bodies = 0;

  /** `script`: the thread's program, a file. */
  constructor(script: string, slabs: Slabs) {
    this.#slabs = slabs;
    this.#worker = new Worker(script, { workerData: slabs.bytes.buffer });
    this.#worker.on("message", (answers: Answers) => this.#take(answers));
  }

  createHasher(): Hasher {
    return new BodyHasher(this, this.#slabs, ++this.#bodies);
  }

  /** Takes over a hold of the slab. */
  update(body: number, at: number, length: number): void {
    this.#order(order.update, body, at, length);
  }

  finish(body: number, done: (digest: string) => void): void {
    this.#waiting.set(body, done);
    this.#order(order.finish, body);
  }

  abandon(body: number): void {
    this.#order(order.abandon, body);
  }

  /** Orders of one turn go together. */
  #order(what: number, body: number, at = 0, length = 0): void {
    if (this.#orders.length === 0)
      setImmediate(() => {
        const orders = new Float64Array(this.#orders);
        this.#orders = [];
        this.#worker.postMessage(orders, [orders.buffer]);
      });
    this.#orders.push(what, body, at, length);
  }

  #take({ read, digests }: Answers): void {
    for (const at of read) this.#slabs.release(at);
    for (const [body, digest] of digests) {
      this.#waiting.get(body)?.(digest);
      this.#waiting.delete(body);
    }
  }
}

class BodyHasher implements Hasher {
  readonly #digests: Digests;
  readonly #slabs: Slabs;
  readonly #body: number;
  /** While the body is small. */
  #pieces: { at: number; length: number }[] = [];
  #size = 0;

  constructor(digests: Digests, slabs: Slabs, body: number) {
    this.#digests = digests;
    this.#slabs = slabs;
    this.#body = body;
  }

  update(at: number, length: number): void {
    this.#slabs.hold(at);
    this.#size += length;
    if (this.#size <= small) {
      this.#pieces.push({ at, length });
      return;
    }
    for (const piece of this.#pieces.splice(0)) this.#digests.update(this.#body, piece.at, piece.length);
    this.#digests.update(this.#body, at, length);
  }

  finish(done: (digest: string) => void): void {
    if (this.#size > small) return this.#digests.finish(this.#body, done);
    const hash = createHash("sha256");
    for (const { at, length } of this.#pieces) hash.update(this.#slabs.view(at, length));
    this.#drop();
    done(hash.digest("hex"));
  }

  abandon(): void {
    if (this.#size > small) this.#digests.abandon(this.#body);
    this.#drop();
  }

  #drop(): void {
    for (const { at } of this.#pieces.splice(0)) this.#slabs.release(at);
  }
}
