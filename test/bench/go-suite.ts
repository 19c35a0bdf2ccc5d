/** Go's own tests of net/http as the command of a capture: every corner of the protocol, in parallel. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ensureGo } from "../../scripts/go.ts";
import { dist } from "../../scripts/paths.mjs";
import { count } from "./count.ts";

const run = promisify(execFile);

interface Line {
  role: string;
  request: { body: Facts } | null;
  response: { body: Facts } | null;
}

interface Facts {
  missing: { reason: string }[];
}

export async function measureGoSuite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-go-suite-"));
  try {
    const env = await ensureGo();
    const suite = join(folder, "http.test");
    await run("go", ["test", "-c", "-o", suite, "net/http"], { env });
    const { stdout } = await run("go", ["env", "GOROOT"], { env });
    const file = join(folder, "jsonl");
    const args = ["capture", "--format", "jsonl", "--output", file, "--", suite];
    const child = spawn(process.execPath, [join(dist, "cli.cjs"), ...args], {
      cwd: join(stdout.trim(), "src/net/http"),
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const closed = once(child, "close");
    const words: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => words.push(line));
    await closed;
    const verdict = words.findLast((line) => /^(?:PASS|FAIL|ok|panic)/.test(line));
    console.log(`Go's net/http tests: ${verdict}\n${words.at(-1)}`);
    console.table(summary(readFileSync(file, "utf8").trimEnd().split("\n")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By role: exchanges, those without a half, and bodies with gaps by reason. */
function summary(lines: readonly string[]): Record<string, Record<string, number>> {
  const roles: Record<string, Record<string, number>> = {};
  for (const text of lines) {
    const { role, request, response } = JSON.parse(text) as Line;
    const counts = (roles[role] ??= {});
    count(counts, "exchanges");
    if (request === null) count(counts, "no request");
    if (response === null) count(counts, "no response");
    const missing = [request, response].flatMap((half) => half?.body.missing ?? []);
    for (const reason of new Set(missing.map((each) => each.reason))) count(counts, reason);
  }
  return roles;
}
