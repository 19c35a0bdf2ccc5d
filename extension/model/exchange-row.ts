/** A row: what a window knows of one exchange, in as little memory as that takes, for it may have a hundred thousand. */
import type { ExchangeSummary, Role, State } from "../../protocol/exchange.ts";
import { exchangeKey, type ExchangeKey, type Run } from "./run.ts";
import { FactsPool, type SharedFacts, type ToldSummary } from "./shared-facts.ts";
import { placeIn } from "./sorted.ts";

/** It is never changed: a change makes another one of the same key. */
export class ExchangeRow implements ToldSummary {
  readonly id: number;
  readonly remote: string;
  readonly start: number;
  readonly target: string | undefined;
  readonly requestSize: number;
  readonly size: number;
  readonly otherEnd: number | undefined;
  readonly missing: number;
  // In whole microseconds: V8 keeps an integer in place of a pointer, and a fraction in 16 bytes of its own.
  readonly #responseStart: number | undefined;
  readonly #duration: number | undefined;
  readonly #shared: SharedFacts;

  /** `pool`: of the rows that have most in common. */
  constructor(source: number, summary: ExchangeSummary, run?: Run, pool = new FactsPool()) {
    this.id = summary.id;
    this.remote = pool.text(summary.remote);
    this.start = summary.start;
    this.target = summary.target;
    this.requestSize = summary.requestSize;
    this.size = summary.size;
    this.otherEnd = summary.otherEnd;
    this.missing = summary.missing;
    this.#responseStart = microseconds(summary.responseStart);
    this.#duration = microseconds(summary.duration);
    this.#shared = pool.facts(source, summary, run);
  }

  get key(): ExchangeKey {
    return exchangeKey(this.source, this.id);
  }

  get source(): number {
    return this.#shared.source;
  }

  get run(): Run | undefined {
    return this.#shared.run;
  }

  get pid(): number {
    return this.#shared.pid;
  }

  get process(): string {
    return this.#shared.process;
  }

  get role(): Role {
    return this.#shared.role;
  }

  get state(): State {
    return this.#shared.state;
  }

  get responseStart(): number | undefined {
    return milliseconds(this.#responseStart);
  }

  get duration(): number | undefined {
    return milliseconds(this.#duration);
  }

  get method(): string | undefined {
    return this.#shared.method;
  }

  get host(): string | undefined {
    return this.#shared.host;
  }

  get status(): number | undefined {
    return this.#shared.status;
  }

  get grpcStatus(): number | undefined {
    return this.#shared.grpcStatus;
  }

  get contentType(): string | undefined {
    return this.#shared.contentType;
  }

  get headCut(): ExchangeSummary["headCut"] {
    return this.#shared.headCut;
  }

  get bySendfile(): true | undefined {
    return this.#shared.bySendfile;
  }

  /** All that it tells, as an object of its own. */
  get summary(): ToldSummary {
    const { id, remote, start, responseStart, duration, target, requestSize, size, otherEnd, missing } = this;
    const { source: _source, run: _run, ...shared } = this.#shared;
    return {
      ...shared,
      ...{ id, remote, start, responseStart, duration, target, requestSize, size, otherEnd, missing },
    };
  }
}

function microseconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.round(time * 1000);
}

function milliseconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time / 1000;
}

/** The order in which the requests came, run by run. */
export function inOrder(a: ExchangeRow, b: ExchangeRow): number {
  return a.source - b.source || a.id - b.id;
}

/** Where an exchange stands, or would stand, among rows `inOrder`. */
export function placeOf(
  rows: readonly ExchangeRow[],
  source: number,
  id: number,
): { at: number; found: boolean } {
  return placeIn(rows, (row) => row.source - source || row.id - id);
}
