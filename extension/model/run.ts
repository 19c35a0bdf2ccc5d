/** Runs: the stretches of time in which something was captured, and what their exchanges are called in this window. */
import { oneLine } from "../../protocol/one-line.ts";

/** One exchange, unique in this window: the number of what keeps it (`Sources`), and its id there. */
export type ExchangeKey = `${number}:${number}`;

export interface Run {
  /** The helper that keeps its bodies: they can be read while it lives. */
  readonly helper: number;
  /** Its exchanges have at least this id: a helper may serve several runs, one after the other. */
  readonly first: number;
  /** Unix time in milliseconds, as everywhere in here. */
  readonly began: number;
  ended?: { time: number; reason: string };
}

export function exchangeKey(source: number, id: number): ExchangeKey {
  return `${source}:${id}`;
}

export function partsOf(key: ExchangeKey): { source: number; id: number } {
  const colon = key.indexOf(":");
  return { source: Number(key.slice(0, colon)), id: Number(key.slice(colon + 1)) };
}

/** What stands between the rows of two runs, e.g. `Capture of 14:05:08, ended 14:07:10: the debug session ended`. */
export function runText({ began, ended }: Run): string {
  const time = (at: number) => new Date(at).toLocaleTimeString();
  const text = `Capture of ${time(began)}`;
  return ended === undefined ? text : `${text}, ended ${time(ended.time)}: ${oneLine(ended.reason)}`;
}
