/** The Go server under load, and what loads it. */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ensureGo } from "../../scripts/go.ts";
import { ensurePackages, which } from "../../scripts/packages.mjs";

const run = promisify(execFile);
export const connections = 16;
const fileSize = 22 * 1024;

/** One stretch of load. */
export interface Load {
  requests: number;
  perSecond: number;
}

export interface Server {
  pid: number;
  url: string;
  /** What each path answers. */
  bodies: Record<"/json" | "/file", Buffer>;
  /** For whatever the measurement writes; gone after it. */
  folder: string;
}

/** Runs `work` beside a server. */
export async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
  await ensurePackages([
    { package: "wrk", why: "makes the load", present: () => which("wrk") !== undefined },
  ]);
  const folder = mkdtempSync(join(tmpdir(), "tinytap-bench-"));
  try {
    const file = join(folder, "file.bin");
    writeFileSync(file, randomBytes(fileSize));
    const child = spawn(await built("server", folder), [file], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child, "spawn");
      const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
      const [json, bytes] = [await fetched(`${url}/json`), await fetched(`${url}/file`)];
      await work({ pid: child.pid ?? 0, url, folder, bodies: { "/json": json, "/file": bytes } });
    } finally {
      child.kill();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The executable of a Go program beside this file. */
async function built(name: string, folder: string): Promise<string> {
  const binary = join(folder, name);
  const source = join(import.meta.dirname, `${name}.go`);
  await run("go", ["build", "-o", binary, source], { env: await ensureGo() });
  return binary;
}

async function fetched(url: string): Promise<Buffer> {
  const response = await fetch(url);
  return Buffer.from(await response.arrayBuffer());
}

/** As fast as it goes. */
export async function saturate(url: string, seconds: number): Promise<Load> {
  const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, url]);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  if (!(requests > 0)) throw new Error(`wrk said:\n${stdout}`);
  return { requests, perSecond };
}

/** At a steady rate. */
export async function pace(
  { folder }: Server,
  url: string,
  perSecond: number,
  seconds: number,
): Promise<Load> {
  const pacer = await built("pacer", folder);
  const { stdout } = await run(pacer, [url, String(perSecond), String(seconds)]);
  const requests = Number(stdout);
  return { requests, perSecond: requests / seconds };
}
