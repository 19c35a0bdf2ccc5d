/** A row: what a window knows of one exchange, in as little memory as that takes, for it may have a hundred thousand. */
import type { ExchangeSummary, Role, State } from "../../protocol/exchange.ts";
import { exchangeKey, partsOf, type ExchangeKey, type Run } from "./run.ts";
import { placeIn } from "./sorted.ts";

/** It is never changed: a change makes another one of the same key. */
export class ExchangeRow implements ExchangeSummary {
  /** The number of what keeps it: see Sources. */
  readonly source: number;
  readonly id: number;
  /** Absent of what was recorded, and of what was reported outside any run. */
  readonly run: Run | undefined;
  readonly pid: number;
  readonly process: string;
  readonly role: Role;
  readonly remote: string;
  readonly state: State;
  readonly start: number;
  readonly responseStart: number | undefined;
  readonly duration: number | undefined;
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly host: string | undefined;
  readonly status: number | undefined;
  readonly grpcStatus: number | undefined;
  readonly contentType: string | undefined;
  readonly requestSize: number;
  readonly size: number;
  readonly otherEnd: number | undefined;
  readonly missing: number;
  readonly headCut: ExchangeSummary["headCut"];
  readonly bySendfile: true | undefined;

  /** `shared` gives one string for all that are equal. */
  constructor(source: number, summary: ExchangeSummary, run?: Run, shared = new SharedTexts()) {
    this.source = source;
    this.id = summary.id;
    this.run = run;
    this.pid = summary.pid;
    this.process = shared.of(summary.process);
    this.role = summary.role;
    this.remote = shared.of(summary.remote);
    this.state = summary.state;
    this.start = summary.start;
    this.responseStart = summary.responseStart;
    this.duration = summary.duration;
    this.method = shared.of(summary.method);
    this.target = summary.target;
    this.host = shared.of(summary.host);
    this.status = summary.status;
    this.grpcStatus = summary.grpcStatus;
    this.contentType = shared.of(summary.contentType);
    this.requestSize = summary.requestSize;
    this.size = summary.size;
    this.otherEnd = summary.otherEnd;
    this.missing = summary.missing;
    this.headCut = summary.headCut;
    this.bySendfile = summary.bySendfile;
  }

  get key(): ExchangeKey {
    return exchangeKey(this.source, this.id);
  }
}

/** Keeps one of many equal strings: most rows have the host, type and process of others. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  of<Text extends string | undefined>(text: Text): Text {
    if (text === undefined) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known as Text;
    // Should they all differ, as a server's made-up hosts may, keeping them would save nothing.
    if (this.#texts.size >= mostShared) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}

const mostShared = 1000;

/** The order in which the requests came, run by run. */
export function inOrder(a: ExchangeRow, b: ExchangeRow): number {
  return a.source - b.source || a.id - b.id;
}

/** Where a key stands, or would stand, among rows `inOrder`. */
export function placeOf(rows: readonly ExchangeRow[], key: ExchangeKey): { at: number; found: boolean } {
  const { source, id } = partsOf(key);
  return placeIn(rows, (row) => row.source - source || row.id - id);
}
