/** Reads exchanges in order, a few of them before their turn: each answer waits until a busy editor comes round to it. */
import { readBodies } from "../../recording/bodies.ts";
import type { Bodies } from "../../recording/har.ts";
import type { Exchange } from "../../protocol/exchange.ts";
import { messageOf } from "../model/message-of.ts";
import type { ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";

/** Exchanges that are asked for at once, and bytes of bodies that may wait for their turn with each. */
const atOnce = 16;
const smallBodies = 64 * 1024;

/** `exchange` is null where nothing keeps it any more, and `why` says so if somebody does. */
export type Read =
  | { key: ExchangeKey; exchange: Exchange; bodies: Bodies }
  | { key: ExchangeKey; exchange: null; why?: string };

/** Rejects, at its turn, where the bodies of an exchange that is kept can't be read. */
export async function* readAhead(keys: readonly ExchangeKey[], sources: Sources): AsyncGenerator<Read> {
  const asked: Promise<Asked>[] = [];
  for (let next = 0; next < keys.length || asked.length > 0;) {
    while (next < keys.length && asked.length < atOnce) {
      const asking = ask(keys[next++]!, sources);
      asking.catch(() => {}); // it is heard of at its turn, if that comes
      asked.push(asking);
    }
    const read = await asked.shift()!;
    yield typeof read === "function" ? await read() : read;
  }
}

/** Of large bodies: reads them. */
type Asked = Read | (() => Promise<Read>);

async function ask(key: ExchangeKey, sources: Sources): Promise<Asked> {
  let exchange: Exchange | null;
  try {
    exchange = await sources.exchange(key);
  } catch (error) {
    return { key, exchange: null, why: messageOf(error) };
  }
  if (exchange === null) return { key, exchange };
  const kept = exchange;
  const read = async (): Promise<Read> => ({
    ...{ key, exchange: kept },
    bodies: await readBodies((params) => sources.body(key, params), kept),
  });
  const size = (kept.request?.body.size ?? 0) + (kept.response?.body.size ?? 0);
  return size > smallBodies ? read : read();
}
