/** A recording in words. */
import { oneLine } from "../../protocol/one-line.ts";
import type { OpenRecording } from "./recordings.ts";
import { countText, exchangesText } from "./text.ts";

/**
 * What stands behind a recording's name, e.g. `12 exchanges · without credentials`: first what is wrong with it.
 * `passing`: of its exchanges those that pass the filter.
 */
export function recordingText(
  { recorded: { problem, redacted }, listed }: OpenRecording,
  passing: number = listed.length,
): string {
  return [
    ...(problem === undefined ? [] : [oneLine(problem)]),
    passing < listed.length
      ? `${countText(passing)} of ${exchangesText(listed.length)}`
      : exchangesText(listed.length),
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
