import type { ExchangeRecord } from "./record.ts";

/** So many requests without a response are no pipelining any more. */
const maxAwaited = 1024;

/**
 * Which response answers which request: by order, as long as nothing was lost.
 *
 * What it builds on after a loss: a request is seen after the responses to all before it, unless it was pipelined.
 * - Lost in the requests' direction: requests seen before are answered in order as ever. One seen after is awaited
 *   only if every earlier one is known to be answered, a lost one by a response that answers nothing we know.
 *   Whether that held shows when its own response comes before the next request.
 * - Lost in the responses' direction: the gap began with bytes of the oldest unanswered request's response. If
 *   exactly one request was seen after that one, the next response is its own; if more, nobody knows.
 */
export class Pairing {
  readonly #giveUp: (record: ExchangeRecord) => void;
  /** Requests that await a response, oldest first. */
  #awaiting: ExchangeRecord[] = [];
  /** Requests are awaited as they come; otherwise one must be found that begins a new order. */
  #ordered = true;
  /** A request that is not awaited is to be answered first. */
  #owed = false;
  /** Responses to unknown requests since the last request. */
  #orphans = 0;
  /** The request that began a new order, until it is answered. */
  #doubtful: ExchangeRecord | undefined;
  #inStep = false;

  /** `giveUp`: called with each request that no response will be paired with. */
  constructor(giveUp: (record: ExchangeRecord) => void) {
    this.#giveUp = giveUp;
  }

  /** The last response seen answered a known request, and nothing was lost since. */
  get inStep(): boolean {
    return this.#inStep;
  }

  get awaiting(): boolean {
    return this.#awaiting.length > 0;
  }

  /** `answering`: a response is in progress. */
  request(record: ExchangeRecord, answering: boolean): void {
    const orphans = this.#orphans;
    this.#orphans = 0;
    if (this.#ordered) {
      this.#awaiting.push(record);
      // Pipelined, or the response that seemed to answer an unknown request was this one's predecessor's.
      if (this.#doubtful !== undefined || this.#awaiting.length > maxAwaited) this.giveUpAll();
    } else if (this.#awaiting.length === 0 && !answering && (!this.#owed || orphans > 0)) {
      this.#awaiting.push(record);
      this.#doubtful = record;
      this.#ordered = true;
    } else {
      this.#owed = true;
      this.#giveUp(record);
    }
  }

  /** The request that a response's head answers. */
  response(): ExchangeRecord | undefined {
    const record = this.#awaiting.shift();
    if (record === undefined) {
      this.orphan();
      return undefined;
    }
    if (record === this.#doubtful) this.#doubtful = undefined;
    this.#inStep = true;
    return record;
  }

  /** A response came that answers no known request. */
  orphan(): void {
    this.#orphans++;
    if (this.#ordered) this.#owed = false;
    this.#ordered = false;
    this.#inStep = false;
  }

  /** `inBody`: what was lost began inside a known request. */
  requestsLost(inBody: boolean): void {
    this.#ordered = false;
    this.#owed = !inBody;
    this.#inStep = false;
  }

  /** `answering`: the exchange whose response the loss began in. */
  responsesLost(answering: ExchangeRecord | undefined): void {
    this.#inStep = false;
    let expectsContinue = false;
    if (answering === undefined) {
      const oldest = this.#awaiting.shift();
      if (oldest === undefined) return;
      if (oldest === this.#doubtful) this.#doubtful = undefined;
      // What was lost may have been a "100 Continue": its response may be yet to come.
      expectsContinue = oldest.request.head.expectsContinue;
      this.#giveUp(oldest);
    }
    if (this.#awaiting.length > (expectsContinue ? 0 : 1)) this.giveUpAll();
  }

  /** Bytes came of a response whose head was not seen: it may be the awaited one. */
  strayResponseBytes(): void {
    if (this.#awaiting.length > 0) this.giveUpAll();
  }

  giveUpAll(): void {
    const all = this.#awaiting;
    this.#awaiting = [];
    this.#doubtful = undefined;
    this.#ordered = false;
    this.#owed = true;
    this.#inStep = false;
    for (const record of all) this.#giveUp(record);
  }
}
