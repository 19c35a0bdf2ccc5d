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
  seconds: number;
}

export class Results {
  readonly column: string;
  readonly features: Feature[] = [];
  /** Why there is not all of it. */
  error: string | undefined;
  seconds = 0;
  #diagnosis: Diagnosis | undefined;
  #nested: (Line & { type: "test" })[] = [];

  constructor(column: string) {
    this.column = column;
  }

  /** Takes a line of the run (see `suite`): the diagnosis, a test, or noise. Gives the feature it completes. */
  take(text: string): Feature | undefined {
    if (!text.startsWith("{")) return undefined;
    const line = JSON.parse(text) as Line | Diagnosis;
    if ("kernel" in line) this.#diagnosis = line;
    else if (line.type === "test") return this.#test(line);
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
        .filter(({ outcome }) => outcome !== "passed")
        .map(({ name, reason = "" }) => ({ name, reason })),
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

  cell(feature: string): string {
    const found = this.features.filter(({ name }) => name === feature);
    if (found.length === 0) return "not run";
    const failed = found.reduce((sum, each) => sum + each.failed.length, 0);
    const all = failed + found.reduce((sum, each) => sum + each.passed, 0);
    return failed === 0 ? `${all} exact` : `${failed} of ${all} FAIL`;
  }
}

/** Kernels across, features down. */
export function table(all: readonly Results[]): string {
  const features = [...new Set(all.flatMap((each) => each.features.map(({ name }) => name)))];
  const rows = [
    ["kernel", ...all.map(({ column }) => column)],
    ["release", ...all.map(({ release }) => release)],
    ["sendpath", ...all.map((each) => each.source("sendpath"))],
    ["pagecache", ...all.map((each) => each.source("pagecache"))],
    ["ready in", ...all.map(({ startup }) => startup)],
    ...features.map((name) => [name, ...all.map((each) => each.cell(name))]),
  ];
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
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
