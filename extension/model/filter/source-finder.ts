/** Looks into exchanges where they are kept, by the same search that "Find in Exchanges" makes. */
import { addUnsearched, nothingUnsearched, type SearchParams } from "../../../protocol/search.ts";
import { messageOf } from "../message-of.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../run.ts";
import type { Sources } from "../sources.ts";
import type { Finder, Findings } from "./answers.ts";
import type { Question } from "./conditions.ts";
import { escaped } from "./pattern.ts";

type Sought = Pick<SearchParams, "query" | "within">;

export class SourceFinder implements Finder {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  async find(question: Question, keys: readonly ExchangeKey[], signal: AbortSignal): Promise<Findings> {
    const sought = soughtBy(question);
    const findings: Findings = { keys: [], problems: [] };
    const asked = keys.map(partsOf);
    for (const number of new Set(asked.map(({ source }) => source))) {
      const ids = asked.filter(({ source }) => source === number).map(({ id }) => id);
      try {
        findings.keys.push(...(await this.#findIn(number, { ...sought, ids }, findings.problems, signal)));
      } catch (error) {
        signal.throwIfAborted();
        findings.problems.push(messageOf(error));
      }
    }
    return findings;
  }

  async #findIn(
    source: number,
    params: SearchParams,
    problems: string[],
    signal: AbortSignal,
  ): Promise<ExchangeKey[]> {
    const found = new Set<number>();
    let unsearched = nothingUnsearched;
    for await (const page of this.#sources.search(source, params, signal)) {
      for (const { id } of page.hits) found.add(id);
      unsearched = addUnsearched(unsearched, page.unsearched);
      if (page.tooSlow !== undefined) {
        problems.push("the expression took too long on one of the texts; a simpler one may do");
        break;
      }
    }
    const { long, undecoded, incomplete } = unsearched;
    if (long + undecoded + incomplete > 0) problems.push("some bodies could not be searched, or not wholly");
    return Array.from(found, (id) => exchangeKey(source, id));
  }
}

/** A header is one by its name: each is searched as `name: value`. */
function soughtBy({ about, value }: Question): Sought {
  if (about === "header") return { query: `/^${escaped(value.text)}: /i`, within: "heads" };
  return {
    query: value.kind === "regex" ? `/${value.text}/${value.flags}` : plain(value.text),
    within: "bodies",
  };
}

/** A text between slashes would be taken for an expression. */
function plain(text: string): string {
  return text.startsWith("/") ? `/${escaped(text)}/iu` : text;
}
