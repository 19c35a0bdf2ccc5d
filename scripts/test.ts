/**
 * `npm test [SUITE…]`: runs the suites, two at a time, and ends on `N passed, N failed, N skipped`.
 * Suites that look into the kernel need root: by `sudo -n` where we are not; else they are skipped, with the reason.
 */
import { spawn, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { root } from "./paths.mjs";
import type { Line } from "./reporter.ts";

interface Suite {
  name: string;
  root: boolean;
  /** That one of its files may take; 5 by default. */
  minutes?: number;
}

/** Each row runs side by side; rows one after the other, for the kernel's suites measure and wait. */
const rows: Suite[][] = [
  [
    { name: "lint", root: false },
    { name: "unit", root: false },
  ],
  [
    { name: "native", root: true },
    { name: "kernel", root: true },
  ],
  [{ name: "vscode", root: false }],
  [{ name: "package", root: false }],
  [{ name: "kernels", root: false, minutes: 60 }],
];

const counts = { passed: 0, failed: 0, skipped: 0 };
/** Said once more at the end, where one looks first. */
const failures: string[] = [];

async function run({ name, root: needsRoot, minutes = 5 }: Suite): Promise<void> {
  const files = globSync(`test/${name}/**/*.test.ts`, { cwd: root }).toSorted();
  if (files.length === 0) return;
  const prefix = needsRoot ? rootPrefix() : [];
  if (prefix === undefined) {
    counts.skipped += files.length;
    for (const file of files)
      console.log(`- ${name}: ${file}: skipped: needs root, and sudo asks for a password`);
    return;
  }
  const reporter = join(root, "scripts/reporter.ts");
  const [command = "", ...args] = [
    ...prefix,
    ...[process.execPath, "--test", "--test-concurrency=1", `--test-timeout=${minutes * 60_000}`],
    ...[`--test-reporter=${reporter}`, "--test-reporter-destination=stdout", ...files],
  ];
  // Ours alone to say: node:test would take the parent's context for its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  let summary = false;
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  for await (const text of createInterface({ input: child.stdout })) {
    const line: Line = JSON.parse(text);
    if (line.type === "output") console.log(indent(`${name}: `, line.text));
    else if (line.type === "test") print(name, line);
    else {
      summary = true;
      counts.passed += line.passed;
      counts.failed += line.failed;
      counts.skipped += line.skipped;
    }
  }
  const code = await ended;
  if (!summary) {
    counts.failed++;
    fail(`✖ ${name}: ended with ${code} and no summary`);
  }
}

function print(suite: string, { outcome, name, nesting, ms, reason }: Line & { type: "test" }): void {
  const title = `${suite}: ${"  ".repeat(nesting)}${name}`;
  if (outcome === "passed") console.log(`✔ ${title} (${Math.round(ms)} ms)`);
  else if (outcome === "skipped") console.log(`- ${title}: skipped: ${reason}`);
  else fail(`✖ ${title} (${Math.round(ms)} ms)\n${indent("    ", reason ?? "")}`);
}

function fail(words: string): void {
  console.log(words);
  failures.push(words.split("\n").slice(0, 12).join("\n"));
}

function indent(prefix: string, text: string): string {
  return text.trimEnd().replaceAll(/^/gm, prefix);
}

/** What to put before a command to run it as root; undefined where that takes a password. */
function rootPrefix(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n", "-E"] : undefined;
}

const wanted = parseArgs({ allowPositionals: true }).positionals;
const known = rows.flat().map(({ name }) => name);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}
for (const row of rows) {
  await Promise.all(row.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(run));
}
if (failures.length > 0) console.log(`\nwhat failed:\n${failures.join("\n")}\n`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
