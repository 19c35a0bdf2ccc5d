/** The rows of the recordings: each stands above its exchanges, the newest of which are shown first, as everywhere. */
import type { OpenRecording, Recordings } from "./recordings.ts";
import { RowWindow, type RecordingRow, type Row, type Rows } from "./row-window.ts";

export class RecordedRows {
  readonly #recordings: Recordings;
  readonly #windows = new WeakMap<OpenRecording, RowWindow>();

  constructor(recordings: Recordings) {
    this.#recordings = recordings;
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

  showOlder(recording: OpenRecording): void {
    this.#window(recording).showOlder();
  }

  showNewest(recording: OpenRecording): void {
    this.#window(recording).follow();
  }

  #window(recording: OpenRecording): RowWindow {
    let window = this.#windows.get(recording);
    if (!window) {
      window = new RowWindow({ listed: () => recording.listed, unsent: 0 });
      this.#windows.set(recording, window);
    }
    return window;
  }
}

export function recordingRow({ number }: OpenRecording): RecordingRow {
  return `recording ${number}`;
}
