/** A search through everything that the window keeps, whatever keeps it. */
import {
  addUnsearched,
  nothingUnsearched,
  unsearchedTexts,
  type Hit,
  type SearchResult,
  type Unsearched,
} from "../../protocol/search.ts";
import type { Place } from "../../protocol/webview.ts";
import { messageOf } from "./message-of.ts";
import { exchangeKey, type ExchangeKey } from "./run.ts";
import type { Sources } from "./sources.ts";
import { oneLine } from "../../protocol/one-line.ts";
import { countText, exchangesText } from "./text.ts";

/** Hits after which it ends. */
export const mostFound = 1000;

export interface Found {
  key: ExchangeKey;
  hit: Hit;
}

/** How far it has come. */
export class Finding {
  found: Found[] = [];
  searched = 0;
  /** It ends before everything was searched: why. */
  stopped: string | undefined;
  #unsearched: Unsearched = nothingUnsearched;
  readonly #faults = new Set<string>();

  /** Takes a page of one source's. */
  add(source: number, { hits, searched, unsearched, tooSlow }: SearchResult): void {
    this.found.push(...hits.map((hit) => ({ key: exchangeKey(source, hit.id), hit })));
    this.searched += searched;
    this.#unsearched = addUnsearched(this.#unsearched, unsearched);
    if (tooSlow !== undefined)
      this.stopped = "stopped: the expression took too long on one of the texts; a simpler one may do";
    else if (this.found.length >= mostFound) this.stopped = `stopped after ${countText(mostFound)} hits`;
  }

  /** One source doesn't answer, or not to this. */
  fail(error: unknown): void {
    this.#faults.add(messageOf(error));
  }

  /** What there is to say beside the hits: of what was not searched, and why. */
  get notes(): string[] {
    return [
      ...this.#faults,
      ...(this.stopped === undefined ? [] : [this.stopped]),
      ...unsearchedTexts(this.#unsearched),
    ];
  }

  /** e.g. `12 hits in 1,234 exchanges`. `listed`: of the hits; an exchange with two ends may have each twice. */
  text(listed = this.found.length): string {
    return `${countText(listed)} ${listed === 1 ? "hit" : "hits"} in ${exchangesText(this.searched)}`;
  }
}

/** The newest exchanges first. `tell` hears of each step. Rejects only where `signal` says so. */
export async function find(
  sources: Sources,
  query: string,
  signal: AbortSignal,
  tell: (finding: Finding) => void,
): Promise<Finding> {
  const finding = new Finding();
  for (const number of sources.numbers) {
    try {
      for await (const page of sources.search(number, { query }, signal)) {
        finding.add(number, page);
        tell(finding);
        if (finding.stopped !== undefined) return finding;
      }
    } catch (error) {
      signal.throwIfAborted();
      finding.fail(error);
    }
  }
  return finding;
}

let places = 0;

/** Where the page shows it. */
export function placeOf({ side, part, excerpt }: Hit): Place {
  const within = part === "line" ? "line" : part === "body" || part === "message" ? "body" : "heads";
  return { number: ++places, part: part === "message" ? "messages" : side, within, text: excerpt.match };
}

/** Characters before a match: so few that the match is seen in a narrow window. */
const shownBefore = 30;

/** Where it was found, and what stands there: e.g. `response body: … the wren of …`, as one safe line. */
export function foundText({ side, part, message, excerpt }: Hit): string {
  const where = {
    line: side === "request" ? "request line" : "status line",
    interim: "interim response",
    header: `${side} header`,
    trailer: `${side} trailer`,
    body: `${side} body`,
    message: `message ${(message ?? 0) + 1}`,
  }[part];
  const before = excerpt.before.replaceAll(/\s+/g, " ").slice(-shownBefore);
  const rest = `${excerpt.match}${excerpt.after}`.replaceAll(/\s+/g, " ");
  return oneLine(`${where}: ${before === "" ? "" : `…${before}`}${rest}`);
}
