/** Looks into exchanges where they are kept, one by one. */
import type { Exchange } from "../../../protocol/exchange.ts";
import type { ExchangeKey } from "../run.ts";
import type { Sources } from "../sources.ts";
import type { Finder } from "./answers.ts";
import type { Question } from "./conditions.ts";

export class SourceFinder implements Finder {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  async find(question: Question, keys: readonly ExchangeKey[], signal: AbortSignal): Promise<ExchangeKey[]> {
    if (question.about === "body") throw new Error("bodies can't be searched by the filter yet");
    const found: ExchangeKey[] = [];
    for (const key of keys) {
      signal.throwIfAborted();
      // What is no longer kept has no header that anybody knows.
      const exchange = await this.#sources.exchange(key).catch(() => null);
      if (exchange !== null && hasHeader(exchange, question.value.text)) found.push(key);
    }
    return found;
  }
}

function hasHeader({ request, response }: Exchange, wanted: string): boolean {
  const name = wanted.toLowerCase();
  return [request, response].some((message) =>
    [...(message?.headers ?? []), ...(message?.trailers ?? [])].some(([each]) => each.toLowerCase() === name),
  );
}
