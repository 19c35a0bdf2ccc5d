/** What of the window the table can show: all that was captured, one run, or one recording. */
import type { TableScope } from "../../protocol/table.ts";
import type { Exchanges } from "./exchanges.ts";
import { recordingRow } from "./recorded-rows.ts";
import type { Recordings } from "./recordings.ts";
import { runRow } from "./row-window.ts";
import type { Passes } from "./row-list.ts";
import { fixedRows, type RowSource } from "./row-source.ts";
import { runText } from "./run.ts";

export const allCaptured = "all";

/** A source, and those of its rows that belong to the scope. */
export interface ScopeRows {
  source: RowSource;
  belongs: Passes;
}

export class TableScopes {
  readonly #exchanges: Exchanges;
  readonly #recordings: Recordings;

  constructor(exchanges: Exchanges, recordings: Recordings) {
    this.#exchanges = exchanges;
    this.#recordings = recordings;
  }

  /** To choose from: the newest run first, then the recordings; one that is alone is no choice. */
  get all(): TableScope[] {
    const runs = this.#exchanges.runs.map((run) => ({ id: runRow(run), label: runText(run) })).toReversed();
    const recordings = this.#recordings.all.map((each) => ({ id: recordingRow(each), label: each.name }));
    return [{ id: allCaptured, label: "All captured" }, ...(runs.length > 1 ? runs : []), ...recordings];
  }

  /** Undefined: it is no longer there. */
  rowsOf(id: string): ScopeRows | undefined {
    if (id === allCaptured) return { source: this.#exchanges.listed, belongs: () => true };
    const run = this.#exchanges.runs.find((each) => runRow(each) === id);
    if (run) return { source: this.#exchanges.listed, belongs: (row) => row.run === run };
    const recording = this.#recordings.all.find((each) => recordingRow(each) === id);
    return recording && { source: fixedRows(recording.listed), belongs: () => true };
  }
}
