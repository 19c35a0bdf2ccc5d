import { Worker } from "node:worker_threads";
import type { SearchParams, SearchResult } from "../../protocol/search.ts";
import { idsToSearch } from "../../search/ids.ts";
import type { ReadableExchange } from "../exchanges/captured-exchange.ts";
import type { Slabs } from "../memory/slabs.ts";
import type { FromThread, ToThread } from "./messages.ts";

/** What keeps the exchanges. */
export interface Keeper {
  readonly ids: Iterable<number>;
  readable(id: number): ReadableExchange | undefined;
}

/** Handed over at a time; and of the memory so large a part of bodies. */
const batchCount = 32;
const batchShare = 1 / 16;
/** Milliseconds after which a search is broken off: by its own bounds it takes a fraction of that. */
const usualPatience = 10_000;
/** And after which the thread ends, where nobody searches. */
const idleTime = 30_000;

interface Search {
  thread: Worker;
  /** Those still to be handed over. */
  ids: Iterator<number>;
  /** Places whose slabs are held for the thread. */
  held: number[];
  signal: AbortSignal;
  timer: NodeJS.Timeout;
  resolve(result: SearchResult): void;
  reject(error: Error): void;
}

/**
 * Searches by a thread of its own, which is started for the first one: it reads bodies where they lie, and takes codings off.
 * What it is reading is held; the main thread only hands exchanges over.
 */
export class Searches {
  readonly #script: string;
  readonly #slabs: Slabs;
  readonly #keeper: Keeper;
  readonly #patience: number;
  readonly #searches = new Map<number, Search>();
  #thread: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #count = 0;

  /** `script`: the thread's program, a file. */
  constructor(script: string, slabs: Slabs, keeper: Keeper, patience = usualPatience) {
    this.#script = script;
    this.#slabs = slabs;
    this.#keeper = keeper;
    this.#patience = patience;
  }

  /** Rejects with a RangeError where the query is wrong, and as `signal` says. */
  async search(params: SearchParams, signal: AbortSignal): Promise<SearchResult> {
    signal.throwIfAborted();
    clearTimeout(this.#idle);
    const thread = (this.#thread ??= this.#start());
    return new Promise((resolve, reject) => {
      const number = ++this.#count;
      const ids = idsToSearch(this.#keeper.ids, params).values();
      const timer = setTimeout(
        () => this.#break(thread, `It took longer than ${this.#patience / 1000} s, and was broken off.`),
        this.#patience,
      );
      // The thread hears of it when it asks for more; until then it may be reading.
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      this.#searches.set(number, { thread, ids, held: [], signal, timer, resolve, reject });
      tell(thread, { tell: "search", number, params });
    });
  }

  /** Ends the thread, and what it is at; the next search starts another. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#thread?.terminate();
  }

  #start(): Worker {
    // The memory's buffer is shared: it is not copied.
    const thread = new Worker(this.#script, { workerData: this.#slabs.bytes.buffer });
    thread.on("message", (message: FromThread) => this.#take(thread, message));
    thread.on("error", (error) => this.#refuse(thread, error));
    thread.on("exit", () => this.#forget(thread));
    return thread;
  }

  #take(thread: Worker, message: FromThread): void {
    const { number } = message;
    const search = this.#searches.get(number);
    if (search === undefined) return;
    this.#release(search);
    if (message.tell === "more") {
      const exchanges = search.signal.aborted ? [] : this.#next(search);
      return tell(thread, { tell: "exchanges", number, exchanges });
    }
    clearTimeout(search.timer);
    this.#searches.delete(number);
    if (message.tell === "result") search.resolve(message.result);
    else search.reject(message.isInvalid ? new RangeError(message.message) : new Error(message.message));
    if (this.#searches.size === 0) this.#idle = setTimeout(() => void this.end(), idleTime);
  }

  #next({ ids, held }: Search): ReadableExchange[] {
    const exchanges: ReadableExchange[] = [];
    let room = this.#slabs.bytes.length * batchShare;
    while (exchanges.length < batchCount && room > 0) {
      const { value: id, done } = ids.next();
      if (done) break;
      const readable = this.#keeper.readable(id);
      if (readable === undefined) continue;
      exchanges.push(readable);
      for (const stretch of Object.values(readable.bodies).flat()) {
        if (stretch.kind !== "slab") continue;
        this.#slabs.hold(stretch.at);
        held.push(stretch.at);
        room -= stretch.end - stretch.start;
      }
    }
    return exchanges;
  }

  #release({ held }: Search): void {
    for (const at of held.splice(0)) this.#slabs.release(at);
  }

  #break(thread: Worker, why: string): void {
    this.#refuse(thread, new Error(why));
    void thread.terminate();
  }

  #refuse(thread: Worker, error: Error): void {
    for (const search of this.#searches.values()) if (search.thread === thread) search.reject(error);
    if (this.#thread === thread) this.#thread = undefined;
  }

  /** It has ended, and reads no more. */
  #forget(thread: Worker): void {
    this.#refuse(thread, new Error("The thread that searches has ended."));
    for (const [number, search] of this.#searches) {
      if (search.thread !== thread) continue;
      clearTimeout(search.timer);
      this.#release(search);
      this.#searches.delete(number);
    }
  }
}

function tell(thread: Worker, message: ToThread): void {
  thread.postMessage(message);
}
