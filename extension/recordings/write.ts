/** Writes exchanges of this window as a recording, one after the other: of large bodies no more is in memory than one exchange's. */
import { harEntry, harFooter, harHeader, type Bodies } from "../../recording/har.ts";
import { redacted } from "../../recording/redaction.ts";
import type { Body, Exchange } from "../../protocol/exchange.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";
import { NewFile } from "./new-file.ts";
import { readAhead } from "./read-ahead.ts";

/** What has become of the exchanges. */
export interface Saved {
  written: number;
  /** Of those written: had not ended. */
  inFlight: number;
  /** Of those written: bytes of their bodies are missing. */
  incomplete: number;
  /** Not written: nothing keeps them any more. */
  gone: number;
}

export interface WriteOptions {
  sources: Sources;
  /** Without what lets others in: `Authorization`, cookies and the like. */
  redact: boolean;
  /** Some of it was left out before: they come from a recording that says so. */
  redacted: boolean;
  signal: AbortSignal;
  onProgress(done: number): void;
}

/** Rejects, and leaves nothing behind, where it can't be written, `signal` says so, or none of the exchanges is kept. */
export function writeRecording(
  path: string,
  keys: readonly ExchangeKey[],
  { sources, redact, redacted: before, signal, onProgress }: WriteOptions,
): Promise<Saved> {
  let why = "nothing keeps these exchanges any more";
  const saved: Saved = { written: 0, inFlight: 0, incomplete: 0, gone: 0 };
  return NewFile.make(path, async (file) => {
    await file.append([harHeader({ redacted: redact || before })]);
    const numbers = new Map(keys.map((key, i) => [key, i + 1]));
    for await (const read of readAhead(keys, sources)) {
      signal.throwIfAborted();
      onProgress(saved.written + saved.gone);
      const { key, exchange: known } = read;
      if (known === null) {
        why = read.why ?? why;
        saved.gone++;
        continue;
      }
      const { bodies } = read;
      if (saved.written > 0) await file.append([",\n"]);
      const exchange = renumbered(ended(known), key, numbers);
      await file.append(harEntry(redact ? redacted(exchange) : exchange, bodies));
      saved.written++;
      if (known.state === "in-flight") saved.inFlight++;
      if (isIncomplete(bodies)) saved.incomplete++;
    }
    if (saved.written === 0) throw new Error(why);
    await file.append([harFooter(true)]);
    signal.throwIfAborted();
    return saved;
  });
}

/** Ids are a helper's, and the file may have exchanges of several. */
function renumbered(
  { otherEnd, ...exchange }: Exchange,
  key: ExchangeKey,
  numbers: ReadonlyMap<ExchangeKey, number>,
): Exchange {
  const other = otherEnd && numbers.get(exchangeKey(partsOf(key).source, otherEnd));
  return { ...exchange, id: numbers.get(key)!, ...(other !== undefined && { otherEnd: other }) };
}

/** In the recording nothing goes on: for what is in flight, it ends here. */
function ended(exchange: Exchange): Exchange {
  const { state, request, response } = exchange;
  if (state !== "in-flight") return exchange;
  return {
    ...exchange,
    state: "stopped",
    ...(request && { request: withEndedBody(request) }),
    ...(response && { response: withEndedBody(response) }),
  };
}

function withEndedBody<Message extends { body: Body }>(message: Message): Message {
  const { body } = message;
  return body.end === "in-flight" ? { ...message, body: { ...body, end: "stopped" } } : message;
}

function isIncomplete(bodies: Bodies): boolean {
  return [bodies.request, bodies.response].some((body) => (body?.missing.length ?? 0) > 0);
}
