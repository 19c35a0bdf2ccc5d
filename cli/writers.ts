/** Finished exchanges, in the format asked for. */
import { formatText } from "./text-format.ts";
import { formatJsonl } from "./jsonl-format.ts";
import { harEntry, harFooter, harHeader } from "../recording/har.ts";
import type { Exchange } from "../protocol/exchange.ts";
import { readSize, readBodies, type ReadBody } from "../recording/bodies.ts";
import type { HelperConnection } from "./connection.ts";
import type { Format } from "./options.ts";
import type { Output } from "./output.ts";

/** One document, on its output. */
interface Document {
  begin(): Promise<void>;
  write(exchanges: Exchange[]): Promise<void>;
  /** `whole`: nothing that should be in it is missing. */
  end(whole: boolean): Promise<void>;
}

/** Writes batches one after the other, in the order in which they come. */
export class Writer {
  /** Exchanges that are in the output. */
  written = 0;
  /** Those of them that the capture's end cut. */
  stopped = 0;
  readonly #output: Output;
  readonly #document: Document;
  #work: Promise<void> | undefined;
  #ended = false;

  constructor(format: Format, output: Output, connection: HelperConnection) {
    this.#output = output;
    this.#document =
      format === "har"
        ? new Har(output, connection)
        : new Lines(output, format === "text" ? formatText : formatJsonl);
  }

  /** Begins the document, in place of what the output held before. */
  begin(): void {
    this.#work ??= this.#document.begin();
    this.#work.catch(() => {}); // `finish` tells
  }

  /** Resolves when they are written, or nothing can be written any more. */
  async write(exchanges: Exchange[]): Promise<void> {
    this.begin();
    this.#work = this.#work?.then(() => this.#write(exchanges));
    await this.#work?.catch(() => {}); // `finish` tells
  }

  /** Resolves when everything is out. Throws CaptureError where it could not be written. */
  async finish(): Promise<void> {
    this.begin();
    await this.#work;
    this.#ended = true;
    await this.#document.end(true);
  }

  /** Ends the document where it stands, if it was begun and isn't finished. */
  async abort(): Promise<void> {
    if (this.#work === undefined || this.#ended) return;
    // What went wrong is being told already.
    await this.#work.catch(() => {});
    await this.#document.end(false).catch(() => {});
  }

  async #write(exchanges: Exchange[]): Promise<void> {
    if (this.#output.failed) return;
    await this.#document.write(exchanges);
    if (this.#output.failed) return;
    this.written += exchanges.length;
    this.stopped += exchanges.filter(({ state }) => state === "stopped").length;
  }
}

/** A line per exchange. */
class Lines implements Document {
  readonly #output: Output;
  readonly #format: (exchange: Exchange) => string;

  constructor(output: Output, format: (exchange: Exchange) => string) {
    this.#output = output;
    this.#format = format;
  }

  begin(): Promise<void> {
    return this.#output.write([]);
  }

  write(exchanges: Exchange[]): Promise<void> {
    return this.#output.write([exchanges.map((exchange) => `${this.#format(exchange)}\n`).join("")]);
  }

  end(): Promise<void> {
    return this.#output.end();
  }
}

/** Bytes of bodies that are in memory at once, unless a single exchange has more. */
const mostAtOnce = 8 * 1024 * 1024;

class Har implements Document {
  readonly #output: Output;
  readonly #readBody: ReadBody;
  #isEmpty = true;

  constructor(output: Output, connection: HelperConnection) {
    this.#output = output;
    this.#readBody = (params) => connection.request("tinytap/body", params);
  }

  begin(): Promise<void> {
    return this.#output.write([harHeader()], harFooter(false));
  }

  async write(exchanges: Exchange[]): Promise<void> {
    for (const group of groups(exchanges)) {
      const bodies = await Promise.all(group.map((exchange) => readBodies(this.#readBody, exchange)));
      await this.#output.write(this.#entries(group, bodies), harFooter(false));
    }
  }

  end(whole: boolean): Promise<void> {
    return this.#output.end(harFooter(whole));
  }

  *#entries(exchanges: Exchange[], bodies: Awaited<ReturnType<typeof readBodies>>[]): Generator<string> {
    for (const [i, exchange] of exchanges.entries()) {
      if (!this.#isEmpty) yield ",\n";
      this.#isEmpty = false;
      yield* harEntry(exchange, bodies[i] ?? {});
    }
  }
}

/** Exchanges whose bodies are read together, in their order. */
function* groups(exchanges: Exchange[]): Generator<Exchange[]> {
  let group: Exchange[] = [];
  let bytes = 0;
  for (const exchange of exchanges) {
    const size = readSize(exchange);
    if (group.length > 0 && bytes + size > mostAtOnce) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(exchange);
    bytes += size;
  }
  if (group.length > 0) yield group;
}
