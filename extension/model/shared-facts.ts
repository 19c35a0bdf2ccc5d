/** What many rows have in common, kept once for all of them: most have the process, host, method, code and type of others. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import type { Run } from "./run.ts";

/** All that is reported of an exchange: where a fact is optional, whoever tells it says that it isn't there. */
export type ToldSummary = { readonly [Fact in keyof Required<ExchangeSummary>]: ExchangeSummary[Fact] };

export interface SharedFacts extends Pick<
  ToldSummary,
  | ("pid" | "process" | "role" | "state" | "method" | "host")
  | ("status" | "grpcStatus" | "contentType" | "headCut" | "bySendfile")
> {
  /** The number of what keeps the exchanges: see Sources. */
  readonly source: number;
  /** Absent of what was recorded, and of what was reported outside any run. */
  readonly run: Run | undefined;
}

/** Different ones that are kept. Should they all differ, as a server's made-up hosts may, keeping them would save nothing. */
const mostKept = 1000;

/** Gives of many equal ones always the same. */
export class FactsPool {
  readonly #facts = new Map<string, SharedFacts>();
  readonly #texts = new Map<string, string>();

  facts(source: number, summary: ExchangeSummary, run: Run | undefined): SharedFacts {
    const { pid, process, role, state, method, host } = summary;
    const { status, grpcStatus, contentType, headCut, bySendfile } = summary;
    // No two runs of a source that have exchanges begin with the same one.
    const origin = [source, run?.first, pid, process, role];
    const answer = [status, grpcStatus, contentType, headCut, bySendfile];
    const key = JSON.stringify([...origin, state, method, host, ...answer]);
    const known = this.#facts.get(key);
    if (known !== undefined) return known;
    const facts = { source, run, pid, process, role, state, method, host };
    return keep(this.#facts, key, { ...facts, status, grpcStatus, contentType, headCut, bySendfile });
  }

  text(text: string): string {
    return this.#texts.get(text) ?? keep(this.#texts, text, text);
  }
}

function keep<Value>(values: Map<string, Value>, key: string, value: Value): Value {
  if (values.size >= mostKept) values.clear();
  values.set(key, value);
  return value;
}
