/** Looks into exchanges where they are kept: by a search through their heads or bodies. */
import { addUnsearched, nothingUnsearched } from "../../../protocol/search.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../run.ts";
import type { Sources } from "../sources.ts";
import type { Finder, LookedInto } from "./answers.ts";
import type { Question } from "./conditions.ts";

export class SourceFinder implements Finder {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  async find(question: Question, keys: readonly ExchangeKey[], signal: AbortSignal): Promise<LookedInto> {
    const found = new Set<ExchangeKey>();
    let unsearched = nothingUnsearched;
    for (const [source, ids] of idsBySource(keys)) {
      // What has gone can't be looked into: it has no header, and no body, that anybody knows.
      if (!this.#sources.numbers.includes(source)) continue;
      const params = { ...queryOf(question), ids };
      for await (const page of this.#sources.search(source, params, signal)) {
        if (page.tooSlow !== undefined)
          throw new Error("the expression took too long on one of the texts; a simpler one may do");
        for (const { id, part } of page.hits)
          if (question.about === "body" || part !== "line") found.add(exchangeKey(source, id));
        unsearched = addUnsearched(unsearched, page.unsearched);
      }
    }
    return { found: [...found], unsearched };
  }
}

/** A header is searched as `name: value`. */
function queryOf({ about, value }: Question): { query: string; within: "heads" | "bodies" } {
  if (about === "header") return { query: `/^${escaped(value.text)}:/i`, within: "heads" };
  return {
    query: value.kind === "regex" ? `/${value.text}/${value.flags}` : bodyText(value.text),
    within: "bodies",
  };
}

/** A text that looks like a regular expression to a search is none to the filter. */
function bodyText(text: string): string {
  return text.startsWith("/") ? `/${escaped(text)}/i` : text;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function idsBySource(keys: readonly ExchangeKey[]): Map<number, number[]> {
  const ids = new Map<number, number[]>();
  for (const key of keys) {
    const { source, id } = partsOf(key);
    const known = ids.get(source);
    if (known) known.push(id);
    else ids.set(source, [id]);
  }
  return ids;
}
