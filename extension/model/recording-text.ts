/** A recording in words. */
import type { OpenRecording } from "./recordings.ts";
import { exchangesText, oneLine } from "./text.ts";

/** What stands behind a recording's name, e.g. `12 exchanges · without credentials`: first what is wrong with it. */
export function recordingText({ recorded: { problem, redacted }, listed }: OpenRecording): string {
  return [
    ...(problem === undefined ? [] : [oneLine(problem)]),
    exchangesText(listed.length),
    ...(redacted ? ["without credentials"] : []),
  ].join(" · ");
}

export function recordingTooltip({
  location,
  recorded: { source, problem, redacted },
  listed,
}: OpenRecording): string {
  return [
    oneLine(location, 1000),
    `Recorded by ${oneLine(source)}; ${exchangesText(listed.length)}`,
    ...(redacted ? ["Credentials in headers were left out when it was saved."] : []),
    ...(problem === undefined ? [] : [oneLine(problem, 1000)]),
  ].join("\n");
}
