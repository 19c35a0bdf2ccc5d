/** The rows of the recordings: each stands above its exchanges, the newest of which are shown first, as everywhere. */
import type { ExchangeRow } from "./exchange-row.ts";
import type { OpenRecording, Recordings } from "./recordings.ts";
import { RowList, type Passes } from "./row-list.ts";
import { fixedRows } from "./row-source.ts";
import { RowWindow, type RecordingRow, type Row, type Rows } from "./row-window.ts";

export class RecordedRows {
  readonly #recordings: Recordings;
  readonly #passes: Passes;
  readonly #windows = new Map<OpenRecording, RowWindow>();

  constructor(recordings: Recordings, passes: Passes = () => true) {
    this.#recordings = recordings;
    this.#passes = passes;
  }

  get heads(): Row[] {
    return this.#recordings.all.map(recordingRow);
  }

  /** What stands below a row; none below most. */
  below(row: Row): Row[] {
    const recording = this.of(row);
    if (recording === undefined || row !== recordingRow(recording)) return [];
    const { number } = recording;
    const { shown, newer, older } = this.#window(recording).rows();
    return [
      ...(newer > 0 ? [`newer ${number}` as const] : []),
      ...shown.map(({ key }) => key),
      ...(older > 0 ? [`older ${number}` as const] : []),
    ];
  }

  /** The recording that a row tells of; undefined also of its exchanges' rows. */
  of(row: Row): OpenRecording | undefined {
    const number = /^(?:recording|newer|older) (\d+)$/.exec(row)?.[1];
    return number === undefined ? undefined : this.#recordings.numbered(Number(number));
  }

  counts(recording: OpenRecording): Omit<Rows, "shown"> {
    return this.#window(recording).rows();
  }

  /** Rows that pass. */
  passing(recording: OpenRecording): number {
    return this.#window(recording).list.length;
  }

  /** Other rows pass than before. */
  filter(): void {
    this.#windows.clear();
  }

  /** Of these rows it is known now whether they pass. */
  reconsider(rows: readonly ExchangeRow[]): void {
    for (const [{ number }, { list }] of this.#windows)
      list.reconsider(rows.filter(({ source }) => source === number));
  }

  showOlder(recording: OpenRecording): void {
    this.#window(recording).showOlder();
  }

  showNewest(recording: OpenRecording): void {
    this.#window(recording).follow();
  }

  #window(recording: OpenRecording): RowWindow {
    let window = this.#windows.get(recording);
    if (!window) {
      for (const each of this.#windows.keys())
        if (!this.#recordings.all.includes(each)) this.#windows.delete(each);
      window = new RowWindow(new RowList(fixedRows(recording.listed), this.#passes));
      this.#windows.set(recording, window);
    }
    return window;
  }
}

export function recordingRow({ number }: OpenRecording): RecordingRow {
  return `recording ${number}`;
}
