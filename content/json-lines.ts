/** Several JSON texts in one body: a line each, or each behind a record separator (RFC 7464). */
import { isJson } from "./json.ts";

export interface JsonLine {
  /** As it was sent. */
  text: string;
  isJson: boolean;
}

const recordSeparator = "\x1e";

export function parseJsonLines(text: string): JsonLine[] {
  return text
    .split(text.startsWith(recordSeparator) ? recordSeparator : "\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => ({ text: line, isJson: isJson(line) }));
}
