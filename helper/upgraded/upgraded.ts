import type { MissingReason, Source } from "../../protocol/exchange.ts";
import type { BodyRecorder } from "../exchanges/body.ts";
import type { CapturedExchange } from "../exchanges/captured-exchange.ts";
import type { Store } from "../exchanges/store.ts";
import type { Carrier, Cause, Protocol } from "../stream/protocol.ts";
import type { Direction } from "../stream/segment.ts";

/**
 * What two parties say after a 101: both directions are the exchange's bodies, as they were sent, of any length, and the
 * last bytes of them are kept. Frames of a WebSocket are read of them by whoever looks: here nothing need be known of them.
 */
export class Upgraded implements Protocol {
  readonly asking: Direction;
  readonly other = undefined;
  readonly #carrier: Carrier;
  readonly #store: Store;
  readonly #exchange: CapturedExchange;
  readonly #bodies: Record<Direction, BodyRecorder>;

  /** `asking`: the direction of the request. */
  constructor(carrier: Carrier, store: Store, exchange: CapturedExchange, asking: Direction) {
    this.asking = asking;
    this.#carrier = carrier;
    this.#store = store;
    this.#exchange = exchange;
    const [asked, answered] = [store.endlessBody(exchange), store.endlessBody(exchange)];
    for (const message of [exchange.request, exchange.response]) message?.body.release();
    if (exchange.request !== undefined) exchange.request.body = asked;
    else asked.release();
    if (exchange.response !== undefined) exchange.response.body = answered;
    exchange.requestOver = false;
    exchange.responseOver = false;
    this.#bodies = asking === "in" ? { in: asked, out: answered } : { in: answered, out: asked };
  }

  isWaiting(): boolean {
    return false;
  }

  data(direction: Direction, at: number, length: number, source: Source): number {
    if (this.#isKept(direction))
      this.#bodies[direction].append(at, length, source, this.#carrier.streams[direction].time);
    this.#store.touch(this.#exchange);
    return length;
  }

  gap(direction: Direction, length: number, reason: MissingReason): void {
    if (this.#isKept(direction)) this.#bodies[direction].miss(length, reason);
    this.#store.touch(this.#exchange);
  }

  settle(): void {}

  expire(): void {}

  end(direction: Direction, cause: Cause, whole: boolean): void {
    const body = this.#bodies[direction];
    if (body.end !== "in-flight") return;
    body.end = whole ? "complete" : cause;
    const exchange = this.#exchange;
    if (!whole) exchange.harm ??= cause;
    if (direction === this.asking) exchange.requestOver = true;
    else exchange.responseOver = true;
    exchange.end = this.#carrier.now;
    this.#store.settle(exchange);
  }

  close(): void {}

  /** Where the request isn't known, nothing shows what its side says, and nothing would let go of it. */
  #isKept(direction: Direction): boolean {
    return direction !== this.asking || this.#exchange.request !== undefined;
  }
}
