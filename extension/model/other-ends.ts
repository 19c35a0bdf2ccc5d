/** Exchanges that were captured on both ends of their connections. */
import type { ExchangeRow } from "./exchange-row.ts";
import { exchangeKey, type ExchangeKey } from "./run.ts";

type Get = (key: ExchangeKey) => ExchangeRow | undefined;

/** The same exchange, as its other end has it. */
export function otherEndOf({ source, otherEnd }: ExchangeRow, get: Get): ExchangeRow | undefined {
  return otherEnd === undefined ? undefined : get(exchangeKey(source, otherEnd));
}

/** Each is listed once: as the server has it, where that is there. */
export function isListed(row: ExchangeRow, get: Get): boolean {
  return row.role === "server" || otherEndOf(row, get) === undefined;
}
