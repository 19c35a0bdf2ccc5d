/** Reads a HAR: what each exchange needs for a row at once, all else when it is asked for. */
import type { Body, Exchange, ExchangeSummary, Missing, Side } from "../protocol/exchange.ts";
import { maxBodyChunk, type BodyParams, type BodyResult } from "../protocol/rpc.ts";
import { attachment } from "./attachments.ts";
import { textBody } from "./body-bytes.ts";
import type { BodySource } from "./body-source.ts";
import type { Bytes } from "./bytes.ts";
import { readEntry } from "./entry.ts";
import { HarIndex, maxEntry } from "./har-index.ts";
import { JsonBuilder, TooLarge } from "./json-builder.ts";
import { JsonScanner, MalformedJson } from "./json-scanner.ts";
import { at, stringAt, type Json } from "./json.ts";
import { isOurs } from "./our-entry.ts";
import { recorded, unrecorded, type Place } from "./recorded-exchange.ts";
import { summaryOf } from "./summary.ts";

const chunkSize = 1024 * 1024;
/** Exchanges whose heads, and places of bodies, are remembered. */
const mostOpen = 32;

export interface ReadOptions {
  /** The folder in which attachments may lie. */
  folder?: string;
  signal?: AbortSignal;
  /** Bytes read, and exchanges found in them. */
  onProgress?: (read: number, exchanges: number) => void;
}

/** An exchange that was looked at, and its bodies. */
interface Opened {
  exchange: Exchange;
  bodies: Partial<Record<Side, BodySource>>;
}

export class Reader {
  /** The oldest first; their ids count them, from 1. */
  readonly exchanges: ExchangeSummary[] = [];
  /** Why there may be more than `exchanges`, and where. */
  problem: string | undefined;
  readonly #file: Bytes;
  readonly #folder: string | undefined;
  readonly #places: { offset: number; length: number }[] = [];
  readonly #opened = new Map<number, Promise<Opened>>();
  /** Ids, by the names that the entries have in the file; undefined where several have the same. */
  readonly #named = new Map<number, number | undefined>();
  #about: Json = null;

  private constructor(file: Bytes, folder: string | undefined) {
    this.#file = file;
    this.#folder = folder;
  }

  /** Rejects with words for a person where there is no exchange to be read, and as `signal` says. */
  static async open(file: Bytes, { folder, signal, onProgress }: ReadOptions = {}): Promise<Reader> {
    const reader = new Reader(file, folder);
    await reader.#index(signal, onProgress);
    return reader;
  }

  /** The program that wrote it. */
  get source(): string {
    return stringAt(this.#about, "creator", "name") ?? "an unknown program";
  }

  /** Credentials were left out when it was saved. */
  get redacted(): boolean {
    return isOurs(this.#about) && at(this.#about, "creator", "_tinytap", "redacted") === true;
  }

  async exchange(id: number): Promise<Exchange | null> {
    return (await this.#open(id))?.exchange ?? null;
  }

  async body({ id, side, start, end: wanted }: BodyParams): Promise<BodyResult> {
    const opened = await this.#open(id);
    const body = opened?.exchange[side]?.body;
    const from = Math.max(start, 0);
    const end = Math.max(Math.min(wanted, body?.size ?? 0, from + maxBodyChunk), from);
    if (body === undefined) return { base64: "", end, ranges: [], missing: [] };
    const bytes = Buffer.alloc(end - from);
    const read = (await opened?.bodies[side]?.read(from, end)) ?? Buffer.alloc(0);
    const ranges = within(body.ranges, from, from + read.length);
    for (const range of ranges) read.copy(bytes, range.start - from, range.start - from, range.end - from);
    // Where the text is shorter than what is said of it.
    const untold: Missing[] = within(body.ranges, from + read.length, end).map((range) => ({
      start: range.start,
      end: range.end,
      reason: "not-recorded",
    }));
    const missing = [...within(body.missing, from, end), ...untold].toSorted((a, b) => a.start - b.start);
    return { base64: bytes.toString("base64"), end, ranges, missing };
  }

  async #index(signal: AbortSignal | undefined, onProgress: ReadOptions["onProgress"]): Promise<void> {
    const index = new HarIndex((entry, offset, length) => {
      const { exchange, name } = readEntry(entry, this.#places.length + 1, index.about);
      if (name !== undefined) this.#named.set(name, this.#named.has(name) ? undefined : exchange.id);
      this.#places.push({ offset, length });
      this.exchanges.push(summaryOf(exchange));
    });
    const scanner = new JsonScanner(index);
    let line = 1;
    const { size } = this.#file;
    // One for all: thrown away one by one they would make most of the memory that reading takes.
    const buffer = Buffer.alloc(Math.min(chunkSize, size));
    try {
      for (let offset = 0; offset < size; offset += chunkSize) {
        signal?.throwIfAborted();
        const chunk = await this.#file.read(offset, Math.min(chunkSize, size - offset), buffer);
        try {
          scanner.push(chunk);
        } catch (error) {
          if (error instanceof MalformedJson)
            line += lineFeeds(chunk.subarray(0, Math.max(error.offset - offset, 0)));
          throw error;
        }
        line += lineFeeds(chunk);
        onProgress?.(offset + chunk.length, this.exchanges.length);
      }
      scanner.finish();
    } catch (error) {
      this.problem = problemText(error, line, this.exchanges.length);
      if (this.problem === undefined) throw error;
    }
    this.#about = index.about;
    for (const summary of this.exchanges) this.#findOtherEnd(summary);
    // Ours is in the order in which the window listed it.
    if (!isOurs(this.#about)) this.#sort();
    if (!index.hasEntries) throw new Error(this.problem ?? "It is no HAR: it has no log.entries.");
    if (this.problem !== undefined) return;
    if (isOurs(this.#about) && stringAt(this.#about, "_tinytap", "end") === "cut")
      this.problem = "The recording was cut short: there were more exchanges than these.";
    else if (index.hasStrange) this.problem = "Among the entries stand some that are none.";
  }

  /** By their starts, as what is captured; one that has none stays behind the one before it. */
  #sort(): void {
    let last = 0;
    const found = this.exchanges.map((summary, i) => {
      last = summary.start || last;
      return { summary, place: this.#places[i]!, start: last };
    });
    for (const [i, { summary, place }] of found.toSorted((a, b) => a.start - b.start).entries()) {
      this.exchanges[i] = { ...summary, id: i + 1 };
      this.#places[i] = place;
    }
  }

  #open(id: number): Promise<Opened | undefined> {
    const place = this.#places[id - 1];
    if (place === undefined) return Promise.resolve(undefined);
    let opened = this.#opened.get(id);
    if (opened === undefined) {
      opened = this.#read(id, place.offset, place.length);
      // What can't be read now may be later.
      opened.catch(() => this.#opened.delete(id));
      for (const oldest of this.#opened.keys())
        if (this.#opened.size >= mostOpen) this.#opened.delete(oldest);
    }
    // The last that was asked for stands at the end.
    this.#opened.delete(id);
    this.#opened.set(id, opened);
    return opened;
  }

  async #read(id: number, offset: number, length: number): Promise<Opened> {
    const builder = new JsonBuilder(maxEntry);
    const scanner = new JsonScanner(builder, offset);
    for (let read = 0; read < length; read += chunkSize)
      scanner.push(await this.#file.read(offset + read, Math.min(chunkSize, length - read)));
    const { exchange, isOurs, ...places } = readEntry(builder.result, id, this.#about);
    this.#findOtherEnd(exchange);
    const bodies: Opened["bodies"] = {};
    for (const side of ["request", "response"] as const) {
      const source = await this.#sourceOf(places[side]);
      if (source !== undefined) bodies[side] = source;
      const message = exchange[side];
      if (message !== undefined && !isOurs) message.body = await knownBody(message.body, source);
    }
    return { exchange, bodies };
  }

  /** The entry names it: what follows from that is its id, if it is in the file. */
  #findOtherEnd(exchange: Pick<ExchangeSummary, "otherEnd">): void {
    if (exchange.otherEnd === undefined) return;
    const id = this.#named.get(exchange.otherEnd);
    if (id === undefined) delete exchange.otherEnd;
    else exchange.otherEnd = id;
  }

  async #sourceOf(place: Place | undefined): Promise<BodySource | undefined> {
    if (place?.kind === "text") return textBody(place.text, place.encoding, this.#file);
    if (place === undefined || this.#folder === undefined) return undefined;
    return attachment(this.#folder, place.name);
  }
}

/** Of a foreign body: only its bytes tell its size. */
async function knownBody(claimed: Body, source: BodySource | undefined): Promise<Body> {
  if (source === undefined) return unrecorded(claimed.size);
  return { ...recorded(await source.size()), ...(claimed.decoded && { decoded: true }) };
}

/** The parts of the spans that lie in `[from, to)`. */
function within<Span extends { start: number; end: number }>(
  spans: Span[],
  from: number,
  to: number,
): Span[] {
  return spans
    .map((span) => ({ ...span, start: Math.max(span.start, from), end: Math.min(span.end, to) }))
    .filter(({ start, end }) => start < end);
}

function problemText(error: unknown, line: number, exchanges: number): string | undefined {
  const before = `${exchanges} ${exchanges === 1 ? "exchange" : "exchanges"} before that could be read`;
  if (error instanceof MalformedJson)
    return `Malformed in line ${line}, at byte ${error.offset}: ${error.message}; ${before}.`;
  if (error instanceof TooLarge) return `Entry ${exchanges + 1} is too large; ${before}.`;
  return undefined;
}

function lineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
