/** What a capture works with, in words: for a terminal, and for a log. */
import type { SourceStatus } from "../protocol/capture.ts";

/** First what is on, by its probes; then a line for each that is off, with the reason. */
export function describeSources(sources: readonly SourceStatus[]): string[] {
  const on = sources.filter((source) => source.on).map(({ name, probe }) => `${name} (${probe})`);
  return [
    `capturing with ${on.join(", ")}`,
    ...sources.filter((source) => !source.on).map(({ name, reason }) => `${name} is off: ${reason}`),
  ];
}
