/**
 * What watching costs, and how much is seen: a Go server under wrk, alone and watched, in turns within one run, as
 * figures of different runs can't be compared. Prints tables; it is no test. `--quick` takes two minutes.
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { HelperConnection } from "../../cli/connection.ts";
import { ensureGo } from "../../scripts/go.ts";
import { ensurePackages, which } from "../../scripts/packages.mjs";
import { dist } from "../../scripts/paths.mjs";

const run = promisify(execFile);
const quick = process.argv.includes("--quick");
const rounds = quick ? 3 : 5;
const seconds = quick ? 8 : 20;
const connections = 16;
const fileSize = 22 * 1024;
const ticksPerSecond = 100;

/** One stretch of load. */
interface Load {
  requests: number;
  perSecond: number;
}

/** The same with the capture on. */
interface Watched extends Load {
  seen: number;
  whole: number;
  lost: Record<string, number>;
  /** Of one core, from 0 to 1. */
  cpu: number;
  rssMiB: number;
}

async function main(): Promise<void> {
  await ensurePackages([
    { package: "wrk", why: "makes the load", present: () => which("wrk") !== undefined },
  ]);
  const env = await ensureGo();
  const folder = mkdtempSync(join(tmpdir(), "tinytap-bench-"));
  try {
    const server = await startServer(folder, env);
    try {
      for (const path of ["/file", "/json"]) await measure(server.pid, `${server.url}${path}`);
    } finally {
      server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function startServer(folder: string, env: NodeJS.ProcessEnv) {
  const file = join(folder, "file.bin");
  writeFileSync(file, randomBytes(fileSize));
  const binary = join(folder, "server");
  await run("go", ["build", "-o", binary, join(import.meta.dirname, "server.go")], { env });
  const child = spawn(binary, [file], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child, "spawn");
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { url, pid: child.pid ?? 0, stop: () => child.kill() };
}

async function measure(pid: number, url: string): Promise<void> {
  const alone: Load[] = [];
  const watched: Watched[] = [];
  await load(url, 2); // warm-up
  for (let round = 0; round < rounds; round++) {
    alone.push(await load(url, seconds));
    watched.push(await loadWatched(pid, url));
    process.stderr.write(`${new URL(url).pathname}: round ${round + 1} of ${rounds}\n`);
  }
  const ratios = watched.map((each, i) => each.perSecond / (alone[i]?.perSecond ?? Number.NaN));
  console.log(`\n${new URL(url).pathname} (${connections} connections, ${rounds} rounds of ${seconds} s)`);
  console.table({
    "requests/s alone": row(alone, (each) => each.perSecond.toFixed(0)),
    "requests/s watched": row(watched, (each) => each.perSecond.toFixed(0)),
    "throughput, watched : alone": Object.fromEntries(
      ratios.map((ratio, i) => [`round ${i + 1}`, ratio.toFixed(2)]),
    ),
    "exchanges seen : wrk's count": row(watched, (each) => (each.seen / each.requests).toFixed(4)),
    "bodies whole": row(watched, (each) => each.whole),
    "bodies with gaps": row(watched, (each) => each.seen - each.whole),
    "helper CPU, of one core": row(watched, (each) => each.cpu.toFixed(2)),
    "helper RSS, MiB": row(watched, (each) => each.rssMiB.toFixed(0)),
    "lost, by reason": row(watched, (each) => JSON.stringify(each.lost)),
  });
}

function row<Each>(values: Each[], cell: (value: Each) => string | number): Record<string, string | number> {
  return Object.fromEntries(values.map((value, i) => [`round ${i + 1}`, cell(value)]));
}

async function load(url: string, duration: number): Promise<Load> {
  const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${duration}s`, url]);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  if (!(requests > 0)) throw new Error(`wrk said:\n${stdout}`);
  return { requests, perSecond };
}

/** Watches as the sidebar does: summaries of every change. */
async function loadWatched(pid: number, url: string): Promise<Watched> {
  const connection = await HelperConnection.open(dist);
  const finished = new Map<number, boolean>();
  connection.on("tinytap/exchanges", ({ exchanges }) => {
    for (const { id, state, incomplete } of exchanges)
      if (state !== "in-flight") finished.set(id, state === "complete" && !incomplete);
  });
  await connection.initialize({ targets: [{ pid, children: false }] });
  const before = cpuSeconds(connection.pid);
  const result = await load(url, seconds);
  const cpu = (cpuSeconds(connection.pid) - before) / seconds;
  const rssMiB = residentMiB(connection.pid);
  const { tally } = await connection.request("tinytap/drain", null);
  await connection.close();
  const whole = [...finished.values()].filter(Boolean).length;
  return { ...result, seen: tally.exchanges, whole, lost: tally.lost, cpu, rssMiB };
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

await main();
