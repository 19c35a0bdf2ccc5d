import type { Side } from "../../protocol/exchange.ts";
import type { BodyRecorder } from "../exchanges/body.ts";
import type { CapturedExchange } from "../exchanges/captured-exchange.ts";

/** A stream of which something may come, and its exchange. */
export class OpenStream {
  readonly id: number;
  readonly exchange: CapturedExchange;
  /** Frames of that side may have been lost since its head. */
  readonly harmed: Record<Side, boolean> = { request: false, response: false };
  /** Bytes among which they were, and which its body does not show yet. */
  readonly #unshown: Record<Side, number> = { request: 0, response: 0 };

  constructor(id: number, exchange: CapturedExchange) {
    this.id = id;
    this.exchange = exchange;
  }

  /** Nothing more of that side will come. */
  isOver(side: Side): boolean {
    return side === "request" ? this.exchange.requestOver : this.exchange.responseOver;
  }

  /** DATA of that side may come. */
  accepts(side: Side): boolean {
    return !this.isOver(side) && this.exchange[side] !== undefined;
  }

  /** The side's body, to which `length` bytes will be added: what was lost before them is shown there. */
  body(side: Side, length: number): BodyRecorder | undefined {
    if (!this.accepts(side)) return undefined;
    if (this.#unshown[side] > 0) this.#show(side, length);
    return this.exchange[side]!.body;
  }

  lose(side: Side, length: number): void {
    if (this.isOver(side)) return;
    this.harmed[side] = true;
    this.#unshown[side] += length;
  }

  /** Bytes of the side's body to come, where its length was announced and there is a body. */
  remaining(side: Side): number | undefined {
    const { request } = this.exchange;
    const message = this.exchange[side];
    if (message === undefined || (side === "response" && request?.head.method === "HEAD")) return undefined;
    const { expected, size } = message.body;
    return expected === undefined ? undefined : Math.max(expected - size, 0);
  }

  /** How many of the lost bytes were this body's can't be told, but by its announced length. */
  #show(side: Side, length: number): void {
    const most = (this.remaining(side) ?? Infinity) - length;
    this.exchange[side]!.body.miss(Math.max(Math.min(this.#unshown[side], most), 0), "framing-lost");
    this.#unshown[side] = 0;
  }
}
