import { distance } from "../stream/segment.ts";
import { isAt, shortestMessage, type Moment } from "./moment.ts";
import type { CapturedExchange } from "../exchanges/captured-exchange.ts";
import type { Cause } from "../stream/protocol.ts";

/** So many requests without a response are no pipelining any more. */
const maxAwaited = 10_000;

interface Awaited {
  exchange: CapturedExchange;
  /** Where the responses stood when the request's first byte was moved: where its own begins, if none is awaited before. */
  expected: number | undefined;
}

/**
 * Which response answers which request. While nothing was lost, the order says it. After a loss numbers prove it: without
 * pipelining a client sends a request when it has the whole response to the one before, so that a request's first byte is
 * moved when the responses stand exactly where its own will begin. What can't be proved is not paired.
 *
 * Say three requests end at 100, 200 and 300, and their responses at 1000, 2000 and 3000.
 * - The second response is lost, 1000 to 2000. The next response begins at 2000: the second request's was expected at 1000,
 *   and may have begun in what was lost; the third's was expected at 2000, and so it is its own.
 * - The second request is lost, 100 to 200. Its response answers nothing we know. When its last byte was moved the requests
 *   stood at 200, where the third begins, which was moved when the responses stood at 2000, where that response ended: the
 *   third request is one, and the next response its own.
 *
 * That holds of clients that wait. One that keeps two requests on their way sends the third when it has the first response:
 * the requests stood at 200, the responses at 1000, and both stood still, though the second response is due. So of a client
 * that was seen not to wait nothing is paired after a loss. Its first requests show it, by any of these:
 * - Two begin when the responses stand at 0: what looks like a request is enough.
 * - The first is seen. Its response is moved when the requests stand at 200, not at 100: the second was on its way.
 * - Both are seen, and both directions stand still at the third while the second awaits its response.
 *
 * If all of that was lost, or the capture began later, nothing tells it from a client that waits and whose one request of
 * 200 bytes was lost: its numbers are the same to the end. It is taken for the one that waits, which is far more common,
 * and paired wrongly until it is seen not to keep in step.
 */
export class Pairing {
  readonly #onGivenUp: (exchange: CapturedExchange, cause: Cause) => void;
  /** Oldest first. */
  #awaited: Awaited[] = [];
  /** Until a response is proved to be a request's own: behind this number no response's head was lost. */
  #responsesLostUntil: number | undefined;
  /** Between the last request seen and the next, others may have been lost. */
  #requestsLost = false;
  /** The client doesn't always wait for a response before its next request: where one begins proves nothing any more. */
  #pipelined = false;
  /** After a loss the order was found again by a proof that holds only of a client that waits. */
  #takenToWait = false;
  /** Where the responses stood at the last that looked like a request. */
  #lastExpected: number | undefined;
  /** A response may come that answers a request which was given up. */
  #owesUnknown = false;

  /** `onGivenUp`: no response will be paired with it, and why. */
  constructor(onGivenUp: (exchange: CapturedExchange, cause: Cause) => void) {
    this.#onGivenUp = onGivenUp;
  }

  /** The order says which response is whose. */
  get ordered(): boolean {
    return !this.#requestsLost && this.#responsesLostUntil === undefined;
  }

  /** The request that the next response answers, where the order says it. */
  get next(): CapturedExchange | undefined {
    return this.ordered ? this.#awaited[0]?.exchange : undefined;
  }

  get isAwaiting(): boolean {
    return this.#awaited.length > 0;
  }

  /** A response that comes now answers none of the requests that were seen. */
  get isEven(): boolean {
    return !this.isAwaiting && !this.#owesUnknown;
  }

  /** The client was seen to send a request before it had the response to the one before. */
  notePipelining(): void {
    this.#pipelined = true;
    if (!this.#takenToWait) return;
    this.#takenToWait = false;
    this.#requestsLost = true;
    this.giveUpAll();
  }

  /** What looks like a request's head was moved at `first`: it may show that the client doesn't wait. See `believes`. */
  noteRequest(first: Moment, responses: Moment | undefined, certain: boolean): void {
    // In the middle of an upload it says nothing: two such may be parts of the body.
    if (!certain && !this.#requestsLost) return;
    const { other: expected } = first;
    const last = this.#lastExpected;
    this.#lastExpected = expected;
    const stood = expected !== undefined && last !== undefined && isAt(last, expected);
    if (stood || (this.ordered && this.isAwaiting && isStill(first, responses))) this.notePipelining();
  }

  /**
   * Whether what looks like a request's head, moved at `first`, is one, and the next response its own. `certain`: nothing
   * unknown came before it. After a loss, or in the middle, it may be a part of another request's body, or be pipelined
   * with one. Neither is so if both directions stood still: see `isStill`. `responses`: when the last response's last byte
   * was moved.
   */
  believes(first: Moment, responses: Moment | undefined, certain: boolean): boolean {
    if (certain && !this.#requestsLost) return true;
    return !this.#pipelined && isStill(first, responses);
  }

  /** A request that is believed: see `believes`. */
  request(exchange: CapturedExchange, first: Moment, responses: Moment | undefined): void {
    if (!this.ordered && !this.#pipelined && isStill(first, responses)) {
      // A response to any before has come, or was lost.
      this.giveUpAll();
      this.#requestsLost = false;
      this.#responsesLostUntil = undefined;
      this.#owesUnknown = false;
      this.#takenToWait = true;
    }
    this.#awaited.push({ exchange, expected: first.other });
    if (this.#awaited.length <= maxAwaited) return;
    this.giveUpAll();
    this.#requestsLost = true;
  }

  /** The request that a response answers whose first byte has the number `first`. */
  response(first: number): CapturedExchange | undefined {
    if (this.#responsesLostUntil === undefined) return this.#awaited.shift()?.exchange;
    if (this.#pipelined) this.giveUpAll();
    for (let next = this.#awaited[0]; next !== undefined; next = this.#awaited[0]) {
      const { exchange, expected } = next;
      // It answers an earlier request, which was given up.
      if (expected !== undefined && distance(expected, first) < 0) return undefined;
      this.#awaited.shift();
      if (expected !== undefined && isAt(expected, first)) {
        this.#responsesLostUntil = undefined;
        this.#owesUnknown = false;
        return exchange;
      }
      this.#giveUp(exchange, "lost");
    }
    return undefined;
  }

  requestsLost(): void {
    this.#requestsLost = true;
  }

  /** Among the responses' bytes up to `until` heads may have been lost. */
  responsesLost(until: number): void {
    this.#responsesLostUntil = until;
    while (this.#awaited[0] !== undefined && this.#mayBeLost(this.#awaited[0].expected))
      this.#giveUp(this.#awaited.shift()!.exchange, "lost");
  }

  giveUpAll(cause: Cause = "lost"): void {
    const all = this.#awaited;
    this.#awaited = [];
    for (const { exchange } of all) this.#giveUp(exchange, cause);
  }

  #giveUp(exchange: CapturedExchange, cause: Cause): void {
    this.#owesUnknown = true;
    this.#onGivenUp(exchange, cause);
  }

  /** The response that was to begin there may have begun in what was lost. */
  #mayBeLost(expected: number | undefined): boolean {
    const until = this.#responsesLostUntil;
    return until !== undefined && (expected === undefined || distance(expected, until) >= shortestMessage);
  }
}

/**
 * Both directions stood still: the last byte of a response was moved when the requests stood at this one's first byte, and
 * this one's first byte when the responses stood there. A client that waits for what it has asked for is owed nothing then,
 * even if it asks for several at once.
 */
function isStill(first: Moment, responses: Moment | undefined): boolean {
  if (first.other === undefined || responses?.other === undefined) return false;
  return isAt(responses.number, first.other) && isAt(responses.other, first.number);
}
