import type { ConnectionOpened, Direction } from "../stream/segment.ts";
import type { CapturedExchange } from "./captured-exchange.ts";

/**
 * Finds the other end of an exchange, where both ends of its connection are watched: a server and a client were captured, and
 * it is the same exchange. The byte with which its request begins proves it: on both ends TCP gives it the same number.
 */
export class OtherEnds {
  /** By where its request begins: those whose other end was not seen. */
  readonly #alone = new Map<string, CapturedExchange>();

  /** `number`: of the first byte of the request, that moved in `direction`. Gives the other end, if it was seen before. */
  add(
    exchange: CapturedExchange,
    opened: ConnectionOpened,
    direction: Direction,
    number: number,
  ): CapturedExchange | undefined {
    const place = placeOf(opened, direction, number);
    if (place === undefined) return undefined;
    const other = this.#alone.get(place);
    if (other !== undefined && isSame(exchange, other)) {
      exchange.otherEnd = other.id;
      other.otherEnd = exchange.id;
      this.forget(other);
      return other;
    }
    this.#alone.set(place, exchange);
    exchange.place = place;
    return undefined;
  }

  forget(exchange: CapturedExchange): void {
    if (exchange.place !== undefined && this.#alone.get(exchange.place) === exchange)
      this.#alone.delete(exchange.place);
    exchange.place = undefined;
  }
}

/** In the network where the addresses mean what they say. Undefined where nothing is proved: elsewhere the numbers are our own. */
function placeOf(
  { netns, local, remote, isNumberedByTcp }: ConnectionOpened,
  direction: Direction,
  number: number,
): string | undefined {
  if (!isNumberedByTcp || netns === 0) return undefined;
  const [from, to] = direction === "out" ? [local, remote] : [remote, local];
  return `${netns} ${from} ${to} ${number}`;
}

/** Both tell the same bytes: of one end, or of an earlier connection between the two, this isn't so. */
function isSame(one: CapturedExchange, other: CapturedExchange): boolean {
  const [head, otherHead] = [one.request?.head, other.request?.head];
  return (
    one.origin.role !== other.origin.role &&
    head !== undefined &&
    head.method === otherHead?.method &&
    head.target === otherHead.target
  );
}
