/** node:test's events as JSON lines: what scripts/test.ts prints and counts. */
import { inspect } from "node:util";
import type { TestEvent } from "node:test/reporters";

export type Line =
  | {
      type: "test";
      outcome: "passed" | "failed" | "skipped";
      name: string;
      nesting: number;
      ms: number;
      reason?: string;
    }
  | { type: "output"; text: string }
  | { type: "summary"; passed: number; failed: number; skipped: number };

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const line = lineOf(event);
    if (line !== undefined) yield JSON.stringify(line) + "\n";
  }
}

function lineOf(event: TestEvent): Line | undefined {
  switch (event.type) {
    case "test:pass":
    case "test:fail": {
      const { name, nesting, details, skip } = event.data;
      const base = { type: "test", name, nesting, ms: details.duration_ms } as const;
      if (event.type === "test:fail")
        return { ...base, outcome: "failed", reason: describe(event.data.details.error) };
      if (skip === undefined || skip === false) return { ...base, outcome: "passed" };
      return { ...base, outcome: "skipped", reason: skip === true ? "no reason given" : skip };
    }
    case "test:stdout":
    case "test:stderr":
      return { type: "output", text: event.data.message };
    case "test:summary": {
      // One per file, and a last one for all.
      if (event.data.file !== undefined) return undefined;
      const { tests, passed, skipped, todo } = event.data.counts;
      return { type: "summary", passed, failed: tests - passed - skipped - todo, skipped };
    }
    default:
      return undefined;
  }
}

/** node:test wraps what was thrown. */
function describe(error: Error): string {
  return error.cause === undefined ? error.message : inspect(error.cause);
}
