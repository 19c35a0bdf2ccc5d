/**
 * `npm test [-- --ask] [SUITE…]`: runs the suites, two at a time, and ends on `N passed, N failed, N skipped`.
 * Suites that look into the kernel need root, by `sudo -n` where we are not, and a kernel that takes probes: that is asked
 * first, and where the answer is no they are skipped, with the reason. `--ask` ends after the answer, with 0 or 1.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { whyNoCapture, type HelperStartError } from "../client/helper.ts";
import { refusalText } from "../protocol/refusal.ts";
import { dist, root } from "./paths.mjs";
import type { Line } from "./reporter.ts";

interface Suite {
  name: string;
  /** It runs as root. */
  root?: true;
  /** It needs a kernel that takes probes. */
  probes?: true;
  /** What of it runs where there are none: a pattern; the tests in there skip by themselves what needs probes. */
  withoutProbes?: string;
  /** That one of its files may take; 5 by default. */
  minutes?: number;
}

/** Each row runs side by side; rows one after the other, for the kernel's suites measure and wait. */
const rows: Suite[][] = [
  [{ name: "lint" }, { name: "unit" }],
  [
    { name: "native", root: true, probes: true, withoutProbes: "test/native/alone/*.test.ts" },
    { name: "kernel", root: true, probes: true },
  ],
  [
    {
      name: "vscode",
      probes: true,
      withoutProbes:
        "test/vscode/{bodies,breakpoint,busy,flood,foreign,network,panels,recordings,states,workbench}.test.ts",
    },
    { name: "environments", root: true, probes: true },
  ],
  [
    {
      name: "package",
      probes: true,
      withoutProbes: "test/package/contents.test.ts",
      minutes: 10,
    },
  ],
  [{ name: "kernels", minutes: 60 }],
];

const counts = { passed: 0, failed: 0, skipped: 0 };
/** Suites of which something passed. */
const proved = new Set<string>();
/** Said once more at the end, where one looks first. */
const failures: string[] = [];

async function run({ name, root: asRoot, probes, withoutProbes, minutes = 5 }: Suite): Promise<void> {
  const refused = probes ? whyNoProbes : undefined;
  if (refused !== undefined) {
    counts.skipped++;
    console.log(`- ${name}${withoutProbes === undefined ? "" : ": what needs probes"}: skipped: ${refused}`);
    if (withoutProbes === undefined) return;
  }
  const pattern = refused === undefined ? `test/${name}/**/*.test.ts` : (withoutProbes ?? "");
  const files = globSync(pattern, { cwd: root }).toSorted();
  const prefix = asRoot && refused === undefined ? rootPrefix() : [];
  const reporter = join(root, "scripts/reporter.ts");
  const [command = "", ...args] = [
    ...prefix,
    ...[process.execPath, "--test", "--test-concurrency=1", `--test-timeout=${minutes * 60_000}`],
    ...[`--test-reporter=${reporter}`, "--test-reporter-destination=stdout", ...files],
  ];
  // Ours alone to say: node:test would take the parent's context for its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(command, args, {
    cwd: root,
    env: { ...env, ...(whyNoProbes !== undefined && { TINYTAP_NO_PROBES: whyNoProbes }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let summary = false;
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  for await (const text of createInterface({ input: child.stdout })) {
    const line: Line = JSON.parse(text);
    if (line.type === "output") console.log(indent(`${name}: `, line.text));
    else if (line.type === "test") print(name, line);
    else {
      summary = true;
      if (line.passed > 0) proved.add(name);
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

/** What to put before a command to run it as root. */
function rootPrefix(): string[] {
  return process.getuid?.() === 0 ? [] : ["sudo", "-n", "-E"];
}

/** One line: a reason, for whoever reads why something was skipped. */
function skipReason({ code, message, refusal }: HelperStartError): string {
  if (refusal !== undefined) return refusalText(refusal);
  return code === "no-root" ? "needs root, and sudo gives none without a password" : message;
}

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { ask: { type: "boolean", default: false } },
});
const known = rows.flat().map(({ name }) => name);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}
// One question, before all suites: asked by trying, so that no suite finds out for itself, slowly.
const failure = await whyNoCapture({ node: process.execPath, directory: dist });
const whyNoProbes = failure && skipReason(failure);
console.log(whyNoProbes === undefined ? "this kernel takes probes" : `no probes here: ${whyNoProbes}`);
if (options.ask) process.exit(whyNoProbes === undefined ? 0 : 1);

for (const row of rows) {
  await Promise.all(row.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(run));
}
if (wanted.length === 0 && !proved.has("kernel") && !proved.has("kernels"))
  console.log("the kernel side is unproved on this machine: no suite of it could run");
if (failures.length > 0) console.log(`\nwhat failed:\n${failures.join("\n")}\n`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
