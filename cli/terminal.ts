/** What we say on stderr. It may hold words of others: names of processes, messages of sudo, captured text. */
import { printableLines } from "../protocol/printable.ts";

export function say(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}
