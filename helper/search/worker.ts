/** The search's thread: reads bodies where they lie in the memory it shares with the main thread. */
import { parentPort, workerData } from "node:worker_threads";
import { search } from "../../search/search.ts";
import type { Searchable } from "../../search/texts.ts";
import type { SearchParams } from "../../protocol/search.ts";
import { bodyResult } from "../exchanges/body-result.ts";
import type { ReadableExchange } from "../exchanges/captured-exchange.ts";
import { readStretches } from "../exchanges/stretch.ts";
import type { FromThread, ToThread } from "./messages.ts";

const slabs = new Uint8Array(workerData as SharedArrayBuffer);
/** Searches that wait for more, by their numbers. */
const waiting = new Map<number, (exchanges: ReadableExchange[]) => void>();

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

async function* exchangesOf(number: number): AsyncGenerator<Searchable> {
  for (;;) {
    const more = new Promise<ReadableExchange[]>((resolve) => waiting.set(number, resolve));
    tell({ tell: "more", number });
    const exchanges = await more;
    if (exchanges.length === 0) return;
    for (const { exchange, bodies } of exchanges)
      yield {
        exchange,
        read: async (side, start, end) =>
          bodyResult(readStretches(bodies[side] ?? [], slabs, start, end), start),
      };
  }
}

async function run(number: number, params: SearchParams): Promise<void> {
  try {
    tell({ tell: "result", number, result: await search(params, exchangesOf(number)) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ tell: "refusal", number, message, isInvalid: error instanceof RangeError });
  }
}

parentPort?.on("message", (message: ToThread) => {
  if (message.tell === "search") return void run(message.number, message.params);
  waiting.get(message.number)?.(message.exchanges);
  waiting.delete(message.number);
});
