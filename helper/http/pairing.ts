import type { ExchangeRecord } from "./record.ts";

/** So many requests without a response are no pipelining any more. */
const maxAwaited = 1024;

/** What becomes of requests. */
export interface PairingOwner {
  /** No response will be paired with it. */
  giveUp(record: ExchangeRecord): void;
  /** It is sure now that the response it was paired with is its own; or that this can't be known. */
  decided(record: ExchangeRecord, own: boolean): void;
}

/**
 * Which response answers which request: by order, as long as nothing was lost.
 *
 * What it builds on after a loss: a request is seen after the responses to all before it, unless it was pipelined.
 * - Lost in the requests' direction: requests seen before are answered in order as ever. One seen after is believed
 *   only if every earlier one is known to be answered, a lost one by a response that answers nothing we know.
 *   Whether that held shows when its own response comes before the next request.
 * - Lost in the responses' direction: the gap began with bytes of the oldest unanswered request's response. If
 *   exactly one request was seen after that one, and none are pipelined (what was lost might be an interim response
 *   then), the next response is its own; otherwise nobody knows. If it turns out that the next request was lost too,
 *   then the response may have been to that one: until the next request comes the pair is tentative.
 */
export class Pairing {
  readonly #owner: PairingOwner;
  /** Requests that await a response, oldest first. */
  #awaiting: ExchangeRecord[] = [];
  /** Requests are awaited as they come; otherwise one must be found that begins a new order. */
  #ordered = true;
  /** A request that is not awaited is to be answered first. */
  #owed = false;
  /** Responses to unknown requests since the last request. */
  #orphans = 0;
  /** The first request awaited after a loss, until it is answered: the next must not come before that. */
  #doubtful: ExchangeRecord | undefined;
  #inStep = false;
  /** Paired by what is likely after a loss, and not decided yet. */
  #tentative: ExchangeRecord | undefined;
  /** The one request that awaited a response when responses were lost. */
  #likely: ExchangeRecord | undefined;
  /** The client doesn't always wait for a response before its next request. */
  #pipelined = false;

  constructor(owner: PairingOwner) {
    this.#owner = owner;
  }

  /** The last response seen answered a known request, and nothing was lost since. */
  get inStep(): boolean {
    return this.#inStep;
  }

  get awaiting(): boolean {
    return this.#awaiting.length > 0;
  }

  isTentative(record: ExchangeRecord): boolean {
    return record === this.#tentative;
  }

  /** Nothing more will be known about a tentative pair. */
  decide(own = true): void {
    const record = this.#tentative;
    this.#tentative = undefined;
    if (record !== undefined) this.#owner.decided(record, own);
  }

  /**
   * Whether what looks like a request's head may be believed: after a loss it may be a part of some lost request's
   * body, or its response not be told from a lost request's. `answering`: a response is in progress.
   */
  believes(answering: boolean): boolean {
    const answered = !this.awaiting && !answering && (!this.#owed || this.#orphans > 0);
    if (this.#ordered || answered) return true;
    this.#owed = true;
    this.#orphans = 0;
    return false;
  }

  /** `pipelined`: it came in one call with the request before. */
  request(record: ExchangeRecord, pipelined: boolean): void {
    this.decide();
    this.#awaiting.push(record);
    this.#orphans = 0;
    if (pipelined) this.#pipelined = true;
    if (!this.#ordered) {
      this.#doubtful = record;
      this.#ordered = true;
      return;
    }
    // Pipelined; or the response to the doubtful one was lost, or taken for another's.
    if (this.#doubtful !== undefined || this.#awaiting.length > maxAwaited) this.giveUpAll();
  }

  /** The request that a response's head answers. */
  response(): ExchangeRecord | undefined {
    const record = this.#awaiting.shift();
    if (record === undefined) {
      this.orphan();
      return undefined;
    }
    if (record === this.#doubtful) this.#doubtful = undefined;
    if (this.#inStep && this.awaiting) this.#pipelined = true;
    if (record === this.#likely) this.#tentative = record;
    this.#likely = undefined;
    this.#inStep = this.#ordered;
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
    this.decide(false);
    this.#ordered = false;
    this.#owed = !inBody;
    this.#inStep = false;
  }

  /** `answering`: the exchange whose response the loss began in. */
  responsesLost(answering: ExchangeRecord | undefined): void {
    this.#inStep = false;
    if (answering === undefined) {
      const oldest = this.#awaiting.shift();
      if (oldest === undefined) return;
      if (oldest === this.#doubtful) this.#doubtful = undefined;
      this.#owner.giveUp(oldest);
    }
    if (this.#awaiting.length > (this.#pipelined ? 0 : 1)) this.giveUpAll();
    this.#doubtful = this.#likely = this.#awaiting[0];
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
    for (const record of all) this.#owner.giveUp(record);
  }
}
