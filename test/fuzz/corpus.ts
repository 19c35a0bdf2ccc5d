/** The inputs that are kept: a file per target, and in it a line per input, as JSON has it, a character for each byte. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "corpus");

export function readCorpus(target: string): Buffer[] {
  const file = join(folder, `${target}.jsonl`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => Buffer.from(JSON.parse(line) as string, "latin1"));
}

export function lineOf(input: Uint8Array): string {
  return JSON.stringify(Buffer.from(input).toString("latin1"));
}

/** Shortest first, each once. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const lines = [...new Set(inputs.map(lineOf))].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(join(folder, `${target}.jsonl`), lines.map((line) => `${line}\n`).join(""));
}
