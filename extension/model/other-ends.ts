/** Exchanges that were captured on both ends of their connections. */
import type { ExchangeRow } from "./exchanges.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "./run.ts";

type Get = (key: ExchangeKey) => ExchangeRow | undefined;

/** The same exchange, as its other end has it. */
export function otherEndOf({ key, otherEnd }: ExchangeRow, get: Get): ExchangeRow | undefined {
  return otherEnd === undefined ? undefined : get(exchangeKey(partsOf(key).source, otherEnd));
}

/** Each is listed once: as the server has it, where that is there. */
export function isListed(row: ExchangeRow, get: Get): boolean {
  return row.role === "server" || otherEndOf(row, get) === undefined;
}
