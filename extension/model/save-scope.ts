/** What of the window can be saved as one recording. */
import type { ExchangeRow } from "./exchange-row.ts";
import type { Exchanges } from "./exchanges.ts";
import { recordingRow } from "./recorded-rows.ts";
import type { OpenRecording, Recordings } from "./recordings.ts";
import { runRow, type Row } from "./row-window.ts";
import { runText } from "./run.ts";
import { exchangesText } from "./text.ts";

export interface SaveScope {
  /** The row that stands for it in the tree; of everything that was captured there is none. */
  row?: Row;
  /** Absent where it was captured in this window. */
  recording?: OpenRecording;
  label: string;
  description: string;
  /** The oldest first. */
  exchanges: readonly ExchangeRow[];
}

/** All that was captured, where that is more than one run, then each run and each recording, the newest first. */
export function saveScopes(exchanges: Exchanges, recordings: Recordings): SaveScope[] {
  const captured = exchanges.rows;
  const runs = exchanges.runs
    .map((run) =>
      scope(
        runText(run),
        captured.filter((row) => row.run === run),
        runRow(run),
      ),
    )
    .filter((each) => each.exchanges.length > 0)
    .toReversed();
  const all =
    captured.length > (runs[0]?.exchanges.length ?? 0) ? [scope("All captured exchanges", captured)] : [];
  const recorded = recordings.all.filter(({ rows }) => rows.length > 0);
  return [...all, ...runs, ...recorded.map(scopeOf)];
}

/** What the file will be called, unless the user wants it otherwise. */
export function fileNameOf({ recording, exchanges }: SaveScope): string {
  if (recording) return `${recording.name.replace(/\.har$/i, "")}-copy.har`;
  const at = new Date(exchanges[0]?.start ?? 0);
  const two = (...numbers: number[]) => numbers.map((number) => String(number).padStart(2, "0"));
  const date = two(at.getFullYear(), at.getMonth() + 1, at.getDate()).join("-");
  return `tinytap-${date}-${two(at.getHours(), at.getMinutes(), at.getSeconds()).join("")}.har`;
}

function scopeOf(recording: OpenRecording): SaveScope {
  return { ...scope(recording.name, recording.rows, recordingRow(recording)), recording };
}

function scope(label: string, exchanges: readonly ExchangeRow[], row?: Row): SaveScope {
  return {
    label,
    description: exchangesText(exchanges.length),
    exchanges,
    ...(row !== undefined && { row }),
  };
}
