/** Rows as a helper would report them. */
import type { Exchanges } from "../../../extension/model/exchanges.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";

export function summary(id: number, fields: Partial<ExchangeSummary> = {}): ExchangeSummary {
  return {
    ...{ id, pid: 7, process: "app", role: "server", state: "complete", start: 0 },
    remote: "127.0.0.1:5000",
    ...{ requestSize: 0, size: 0, missing: 0 },
    ...fields,
  };
}

/** As one batch of a helper that keeps no others. */
export function put(exchanges: Exchanges, helper: number, summaries: ExchangeSummary[]): void {
  const kept = exchanges.rows.filter(({ source }) => source === helper).length + summaries.length;
  exchanges.apply(helper, { exchanges: summaries, dropped: [], kept });
}
