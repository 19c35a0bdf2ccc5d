/** Finished exchanges, in the format asked for. */
import { formatText } from "../helper/export/text.ts";
import { formatJsonl } from "../helper/export/jsonl.ts";
import { harEntry, harFooter, harHeader } from "../helper/export/har.ts";
import type { Exchange, Side } from "../protocol/exchange.ts";
import type { HelperConnection } from "./connection.ts";
import type { Format } from "./options.ts";
import type { Output } from "./output.ts";

export interface Writer {
  /** Takes exchanges over; they come out in this order. */
  write(exchanges: Exchange[]): void;
  /** Resolves when everything taken over is out. */
  finish(): Promise<void>;
}

export function createWriter(format: Format, output: Output, connection: HelperConnection): Writer {
  switch (format) {
    case "text":
      return lineWriter(formatText, output);
    case "jsonl":
      return lineWriter(formatJsonl, output);
    case "har":
      return new HarWriter(output, connection);
  }
}

function lineWriter(format: (exchange: Exchange) => string, output: Output): Writer {
  let out = Promise.resolve();
  return {
    write(exchanges) {
      const text = exchanges.map((exchange) => `${format(exchange)}\n`).join("");
      out = out.then(() => output.write(text));
      out.catch(() => {}); // `finish` tells
    },
    async finish() {
      await out;
      await output.end();
    },
  };
}

/** Fetches each exchange's bodies when its turn has come. */
class HarWriter implements Writer {
  readonly #output: Output;
  readonly #connection: HelperConnection;
  #out: Promise<void>;
  #first = true;

  constructor(output: Output, connection: HelperConnection) {
    this.#output = output;
    this.#connection = connection;
    this.#out = output.write(harHeader());
  }

  write(exchanges: Exchange[]): void {
    for (const exchange of exchanges) this.#out = this.#out.then(() => this.#writeEntry(exchange));
    this.#out.catch(() => {}); // `finish` tells
  }

  async finish(): Promise<void> {
    await this.#out;
    await this.#output.write(harFooter());
    await this.#output.end();
  }

  async #writeEntry(exchange: Exchange): Promise<void> {
    const [request, response] = [
      await this.#fetchBody(exchange, "request"),
      await this.#fetchBody(exchange, "response"),
    ];
    const separator = this.#first ? "" : ",\n";
    this.#first = false;
    await this.#output.write(separator + harEntry(exchange, { request, response }));
  }

  async #fetchBody(exchange: Exchange, side: Side): Promise<Uint8Array> {
    const ranges = exchange[side]?.body.ranges ?? [];
    const held = ranges.at(-1)?.end ?? 0;
    const chunks: Buffer[] = [];
    for (let start = 0; start < held;) {
      const { base64, end } = await this.#connection.request("tinytap/body", {
        id: exchange.id,
        side,
        start,
        end: held,
      });
      if (end <= start) break; // given up since: the exchange's own `missing` says what it had
      chunks.push(Buffer.from(base64, "base64"));
      start = end;
    }
    return Buffer.concat(chunks);
  }
}
