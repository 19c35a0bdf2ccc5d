/** What the suite said on one kernel, and the table of all. */
import type { Line } from "../../scripts/reporter.ts";

/** The part of `tinytap doctor --json` that the table shows. */
interface Diagnosis {
  kernel: string;
  sources?: { name: string; on: boolean; probe?: string; reason?: string }[];
  startup?: number;
  error?: { message: string };
}

/** A group of tests: what stands in one row. */
export interface Feature {
  name: string;
  passed: number;
  failed: { name: string; reason: string }[];
  /** Why tests were skipped. */
  skipped: string[];
  seconds: number;
}

export class Results {
  readonly column: string;
  readonly features: Feature[] = [];
  /** Why there is not all of it. */
  error: string | undefined;
  seconds = 0;
  attempts = 0;
  /** The run came to its end. */
  complete = false;
  #diagnosis: Diagnosis | undefined;
  #nested: (Line & { type: "test" })[] = [];

  constructor(column: string) {
    this.column = column;
  }

  /** Another attempt: nothing of an earlier one stays. */
  begin(): void {
    this.attempts++;
    this.features.length = 0;
    this.#nested.length = 0;
    this.error = undefined;
  }

  /** Takes a line of the run (see `suite`): the diagnosis, a test, or noise. Gives the feature it completes. */
  take(text: string): Feature | undefined {
    if (!text.startsWith("{")) return undefined;
    const line = JSON.parse(text) as Line | Diagnosis;
    if ("kernel" in line) this.#diagnosis = line;
    else if (line.type === "test") return this.#test(line);
    else if (line.type === "summary") this.complete = true;
    return undefined;
  }

  /** Tests of a group come before the group itself. */
  #test(line: Line & { type: "test" }): Feature | undefined {
    if (line.nesting > 0) {
      this.#nested.push(line);
      return undefined;
    }
    const tests = this.#nested.length > 0 ? this.#nested : [line];
    this.#nested = [];
    const feature = {
      name: line.name,
      passed: tests.filter(({ outcome }) => outcome === "passed").length,
      failed: tests
        .filter(({ outcome }) => outcome === "failed")
        .map(({ name, reason = "" }) => ({ name, reason })),
      skipped: tests
        .filter(({ outcome }) => outcome === "skipped")
        .map(({ reason = "no reason given" }) => reason),
      seconds: Math.round(line.ms / 1000),
    };
    this.features.push(feature);
    return feature;
  }

  get release(): string {
    return this.#diagnosis?.kernel ?? "?";
  }

  get startup(): string {
    return this.#diagnosis?.startup === undefined ? "?" : `${this.#diagnosis.startup} ms`;
  }

  /** What reads the bodies of sendfile: the probe, or the refusal's reason. */
  source(name: "sendpath" | "pagecache"): string {
    const source = this.#diagnosis?.sources?.find((each) => each.name === name);
    if (source === undefined) return this.#diagnosis?.error?.message ?? "?";
    return source.on ? (source.probe ?? "on") : "off";
  }

  get passed(): boolean {
    return (
      this.error === undefined &&
      this.features.length > 0 &&
      this.features.every((each) => each.failed.length === 0)
    );
  }

  /** `note` takes a reason, and gives the mark that stands for it. */
  cell(feature: string, note: (reason: string) => string): string {
    const found = this.features.find(({ name }) => name === feature);
    if (found === undefined) return "not run";
    const { passed, failed, skipped } = found;
    const marks = [...new Set(skipped.map(note))].join(" ");
    if (failed.length > 0) return `${failed.length} of ${failed.length + passed} FAIL ${marks}`;
    return passed === 0 ? `- ${marks}` : `${passed} exact ${marks}`;
  }
}

/** Kernels across, features down; below it the reason for each skip. */
export function table(all: readonly Results[]): string {
  const notes: string[] = [];
  const note = (reason: string): string => {
    if (!notes.includes(reason)) notes.push(reason);
    return `(${notes.indexOf(reason) + 1})`;
  };
  const features = [...new Set(all.flatMap((each) => each.features.map(({ name }) => name)))];
  const rows = [
    ["kernel", ...all.map(({ column }) => column)],
    ["release", ...all.map(({ release }) => release)],
    ["sendpath", ...all.map((each) => each.source("sendpath"))],
    ["pagecache", ...all.map((each) => each.source("pagecache"))],
    ["attempts", ...all.map(({ attempts }) => String(attempts))],
    ["ready in", ...all.map(({ startup }) => startup)],
    ...features.map((name) => [name, ...all.map((each) => each.cell(name, note))]),
  ];
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...notes.map((reason) => `${note(reason)} ${reason}`)].join("\n");
}

/** What went wrong, in full. */
export function complaints(all: readonly Results[]): string {
  return all
    .flatMap(({ column, error, features }) => [
      ...(error === undefined ? [] : [`${column}: ${error}`]),
      ...features.flatMap((feature) =>
        feature.failed.map(({ name, reason }) => `${column}: ${feature.name}: ${name}\n${indent(reason)}`),
      ),
    ])
    .join("\n");
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "    ");
}
