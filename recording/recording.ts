/** A HAR that is open: exchanges and bodies as a helper would give them, read by a thread of its own. */
import { Worker } from "node:worker_threads";
import type { Exchange, ExchangeSummary } from "../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../protocol/rpc.ts";
import type { SearchParams, SearchResult } from "../protocol/search.ts";
import type { Answer, Ask, Input, Message, Question } from "./messages.ts";

export interface OpenOptions {
  /** The thread's program, a file: `recording/worker.ts`, bundled. */
  worker: string | URL;
  signal?: AbortSignal;
  /** Bytes of `size` that were read so far, and the exchanges in them. */
  onProgress?: (read: number, size: number, exchanges: number) => void;
}

interface Waiting {
  resolve(result: Answer): void;
  reject(error: Error): void;
}

export class Recording {
  /** The oldest first; their ids count them, from 1. */
  readonly exchanges: readonly ExchangeSummary[];
  /** The program that wrote it. */
  readonly source: string;
  /** Credentials were left out when it was saved. */
  readonly redacted: boolean;
  /** Why there may be more in the file than `exchanges`, and where: a sentence. */
  readonly problem: string | undefined;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;
  #ended: Error | undefined;

  private constructor(worker: Worker, { exchanges, source, redacted, problem }: Message & { tell: "open" }) {
    this.#worker = worker;
    this.exchanges = exchanges;
    this.source = source;
    this.redacted = redacted;
    this.problem = problem;
    worker.on("message", (message: Message) => this.#take(message));
    worker.on("error", (error) => this.#end(error));
    worker.on("exit", () => this.#end(new Error("The recording was closed.")));
  }

  /**
   * Opens a file: a path, or a file's bytes. Rejects with words for a person where nothing can be read of it, and as
   * `signal` says. Where its end can't be read, it has a `problem`.
   */
  static async open(
    file: string | Uint8Array,
    { worker: script, signal, onProgress }: OpenOptions,
  ): Promise<Recording> {
    signal?.throwIfAborted();
    const workerData: Input = typeof file === "string" ? { path: file } : { bytes: file };
    const worker = new Worker(script, { workerData });
    try {
      return new Recording(worker, await opened(worker, signal, onProgress));
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** `null`: there is none of that id. Rejects with words for a person: the file may have changed, or gone. */
  async exchange(id: number): Promise<Exchange | null> {
    return (await this.#ask({ ask: "exchange", id })) as Exchange | null;
  }

  /** As `tinytap/body` answers. */
  async body(params: BodyParams): Promise<BodyResult> {
    return (await this.#ask({ ask: "body", params })) as BodyResult;
  }

  /** As `tinytap/search` answers. */
  async search(params: SearchParams): Promise<SearchResult> {
    return (await this.#ask({ ask: "search", params })) as SearchResult;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(ask: Ask): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const number = ++this.#questions;
      this.#waiting.set(number, { resolve, reject });
      const question: Question = { number, ...ask };
      this.#worker.postMessage(question);
    });
  }

  #take(message: Message): void {
    if (message.tell !== "answer" && message.tell !== "refusal") return;
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (message.tell === "answer") waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.message));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** Resolves when the thread has read the file. Its listeners do nothing once that is settled. */
function opened(
  worker: Worker,
  signal: AbortSignal | undefined,
  onProgress: OpenOptions["onProgress"],
): Promise<Message & { tell: "open" }> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("It can't be read: the thread that reads it has ended.")));
    worker.on("message", (message: Message) => {
      if (message.tell === "progress") onProgress?.(message.read, message.size, message.exchanges);
      else if (message.tell === "failure") reject(new Error(message.message));
      else if (message.tell === "open") resolve(message);
    });
  });
}
