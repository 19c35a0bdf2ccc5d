import type { CapturedExchange } from "./captured-exchange.ts";

/**
 * Finds the other end of an exchange, where both ends of its connection are watched: a server and a client were captured, and
 * it is the same exchange. The byte with which its request begins proves it: on both ends TCP gives it the same number.
 */
export class OtherEnds {
  /**
   * By that number: those whose other end was not seen. Of two that begin with the same one, as by chance one in some
   * millions does, the newer is found.
   */
  readonly #alone = new Map<number, CapturedExchange>();

  /** `number`: of the first byte of the request. Gives the other end, if it was seen before. */
  add(exchange: CapturedExchange, number: number): CapturedExchange | undefined {
    if (exchange.origin.network === undefined) return undefined;
    const other = this.#alone.get(number);
    if (other !== undefined && isSame(exchange, other)) {
      exchange.otherEnd = other.id;
      other.otherEnd = exchange.id;
      this.forget(other);
      return other;
    }
    this.#alone.set(number, exchange);
    exchange.requestNumber = number;
    return undefined;
  }

  forget(exchange: CapturedExchange): void {
    const number = exchange.requestNumber;
    if (number !== undefined && this.#alone.get(number) === exchange) this.#alone.delete(number);
    exchange.requestNumber = undefined;
  }
}

/** Both tell the same bytes: of one end, or of an earlier connection between the two, this isn't so. */
function isSame(one: CapturedExchange, other: CapturedExchange): boolean {
  const { role, local, remote, network } = one.origin;
  const { origin } = other;
  if (origin.role === role || origin.network !== network) return false;
  if (origin.local !== remote || origin.remote !== local) return false;
  const [head, otherHead] = [one.request?.head, other.request?.head];
  return head !== undefined && head.method === otherHead?.method && head.target === otherHead.target;
}
