/** A recording in words. */
import type { OpenRecording } from "./recordings.ts";
import { exchangesText, oneLine } from "./text.ts";

/** What stands behind a recording's name, e.g. `12 exchanges`: first what is wrong with it. */
export function recordingText({ recorded: { problem }, rows }: OpenRecording): string {
  return [...(problem === undefined ? [] : [oneLine(problem)]), exchangesText(rows.length)].join(" · ");
}

export function recordingTooltip({ location, recorded: { source, problem }, rows }: OpenRecording): string {
  return [
    oneLine(location, 1000),
    `Recorded by ${oneLine(source)}; ${exchangesText(rows.length)}`,
    ...(problem === undefined ? [] : [oneLine(problem, 1000)]),
  ].join("\n");
}
