/** Bodies as whoever looks at them wants them: bytes as they were sent, or their content, its codings off. */
import { decodeBody } from "../../content/node/decode-body.ts";
import type { Decoded } from "../../protocol/content.ts";
import type { Exchange, Request, Response, Side } from "../../protocol/exchange.ts";
import type { BodyResult } from "../../protocol/rpc.ts";
import { partsOf, type ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";

/** Contents kept: of the two sides of the exchange that is looked at. */
const mostKept = 2;

export class Bodies {
  readonly #sources: Sources;
  /** By what was known of the body when it was decoded; the latest last. */
  readonly #decoded = new Map<string, Promise<Decoded>>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Rejects where it is no longer kept. */
  async exchange(key: ExchangeKey): Promise<Exchange> {
    const exchange = await this.#sources.exchange(key);
    if (exchange === null) throw new Error("This exchange is no longer kept.");
    return exchange;
  }

  async message(key: ExchangeKey, side: Side): Promise<Request | Response> {
    const message = (await this.exchange(key))[side];
    if (message === undefined) throw new Error(`The ${side} was not seen.`);
    return message;
  }

  /** A body's content, as far as it could be decoded from its beginning. */
  async decode(key: ExchangeKey, side: Side): Promise<Decoded> {
    const { headers, body } = await this.message(key, side);
    const known = JSON.stringify([partsOf(key), side, body]);
    const decoded = this.#decoded.get(known) ?? decodeBody(headers, body, this.#reader(key, side));
    this.#decoded.delete(known);
    this.#decoded.set(known, decoded);
    for (const [oldest] of this.#decoded) if (this.#decoded.size > mostKept) this.#decoded.delete(oldest);
    decoded.catch(() => this.#decoded.delete(known));
    return decoded;
  }

  /** Bytes `[start, end)` of a body as it was sent, as far as it goes; zero where they are missing. */
  async read(key: ExchangeKey, side: Side, start: number, end: number): Promise<Uint8Array> {
    const parts: Buffer[] = [];
    for await (const { base64 } of this.parts(key, side, start, end))
      parts.push(Buffer.from(base64, "base64"));
    return Buffer.concat(parts);
  }

  /** Likewise, piece by piece as whoever keeps it gives them, each at most `most` bytes, with what is missing of it. */
  async *parts(
    key: ExchangeKey,
    side: Side,
    start: number,
    end: number,
    most = Infinity,
  ): AsyncGenerator<BodyResult & { start: number }> {
    const read = this.#reader(key, side);
    for (let from = start; from < end;) {
      const part = await read(from, Math.min(end, from + most));
      if (part.end <= from) return;
      yield { ...part, start: from };
      from = part.end;
    }
  }

  #reader(key: ExchangeKey, side: Side): (start: number, end: number) => Promise<BodyResult> {
    return (start, end) => this.#sources.body(key, { side, start, end });
  }
}
