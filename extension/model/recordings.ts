/** The recordings that are open in this window, beside what it captures. Only closing takes one away. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { ExchangeRow } from "./exchange-row.ts";
import { Listeners } from "./listeners.ts";
import { isListed } from "./other-ends.ts";
import { partsOf, type ExchangeKey } from "./run.ts";
import { FactsPool } from "./shared-facts.ts";
import type { ExchangeSource, Sources } from "./sources.ts";
import { oneLine } from "../../protocol/one-line.ts";

/** A recording as it was read. */
export interface RecordedSource extends ExchangeSource {
  /** The oldest first. */
  readonly exchanges: readonly ExchangeSummary[];
  /** What wrote it: a program's name. */
  readonly source: string;
  /** Credentials were left out when it was saved. */
  readonly redacted: boolean;
  /** Why there may be more in the file than in `exchanges`, and where. */
  readonly problem?: string | undefined;
  close(): Promise<void>;
}

export interface OpenRecording {
  /** Of `Sources`. */
  readonly number: number;
  /** Its URI: the same file is opened once. */
  readonly location: string;
  /** The file's name, as one safe line. */
  readonly name: string;
  readonly recorded: RecordedSource;
  /** The oldest first. */
  readonly rows: readonly ExchangeRow[];
  /** Those that are listed: what was captured on both ends of its connection once. */
  readonly listed: readonly ExchangeRow[];
}

export class Recordings {
  readonly #sources: Sources;
  readonly #listeners = new Listeners<void>();
  readonly #opening = new Map<string, Promise<OpenRecording>>();
  #open: OpenRecording[] = [];

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The one that was opened last comes first. */
  get all(): readonly OpenRecording[] {
    return this.#open;
  }

  numbered(number: number): OpenRecording | undefined {
    return this.#open.find((each) => each.number === number);
  }

  get(key: ExchangeKey): ExchangeRow | undefined {
    const { source, id } = partsOf(key);
    // Ids count the rows, from 1.
    return this.numbered(source)?.rows[id - 1];
  }

  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** Opens it by `read`, unless it is open, or is being opened: then that one. Rejects as `read` does. */
  open(location: string, name: string, read: () => Promise<RecordedSource>): Promise<OpenRecording> {
    const known = this.#open.find((each) => each.location === location);
    if (known) return Promise.resolve(known);
    let opening = this.#opening.get(location);
    if (!opening) {
      opening = read()
        .then((recorded) => this.#add(location, name, recorded))
        .finally(() => this.#opening.delete(location));
      this.#opening.set(location, opening);
    }
    return opening;
  }

  async close(number: number): Promise<void> {
    const recording = this.numbered(number);
    if (!recording) return;
    this.#open = this.#open.filter((each) => each !== recording);
    this.#sources.end(number, `The recording ${recording.name} was closed.`);
    this.#listeners.fire();
    await recording.recorded.close();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#open.map(({ number }) => this.close(number)));
  }

  #add(location: string, name: string, recorded: RecordedSource): OpenRecording {
    const number = this.#sources.add(recorded);
    const pool = new FactsPool();
    const rows = recorded.exchanges.map((summary) => new ExchangeRow(number, summary, undefined, pool));
    const listed = rows.filter((row) => isListed(row, (key) => rows[partsOf(key).id - 1]));
    const recording = { number, location, name: oneLine(name), recorded, rows, listed };
    this.#open = [recording, ...this.#open];
    this.#listeners.fire();
    return recording;
  }
}
