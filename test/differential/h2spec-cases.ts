/** The command that is watched: a server, and each case of h2spec, alone. Arguments: h2spec, the server, a file for what was run. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";

export interface CaseRun {
  /** E.g. `http2/6.9.2/1`. */
  id: string;
  title: string;
  /** Unix time in milliseconds. */
  from: number;
  to: number;
}

/** Of h2spec's groups, by the beginnings of their titles. */
const groups: [title: string, id: string][] = [
  ["Generic", "generic"],
  ["Hypertext", "http2"],
  ["HPACK", "hpack"],
];

/** From what `h2spec --dryrun` prints: groups, sections with their numbers, and in those the cases. */
export function casesOf(text: string): Pick<CaseRun, "id" | "title">[] {
  const cases: Pick<CaseRun, "id" | "title">[] = [];
  let [group, section] = ["", ""];
  for (const line of text.split("\n")) {
    const found = groups.find(([title]) => line.startsWith(title));
    if (found !== undefined) group = found[1];
    section = /^\s+([\d.]+)\. /.exec(line)?.[1] ?? section;
    const [, number, title] = /^\s+(\d+): (.*)$/.exec(line) ?? [];
    if (number !== undefined && title !== undefined)
      cases.push({ id: `${group}/${section}/${number}`, title });
  }
  return cases;
}

const run = promisify(execFile);

async function main([h2spec = "", server = "", record = ""]: string[]): Promise<void> {
  const port = await freePort();
  const child = spawn(server, [`127.0.0.1:${port}`, "/"], { stdio: "ignore" });
  const runs: CaseRun[] = [];
  try {
    while (!(await answers(port))) await sleep(20);
    for (const one of casesOf((await run(h2spec, ["--dryrun"])).stdout)) {
      const from = Date.now();
      // It ends with 1 where the server isn't as it should be: no matter.
      await run(h2spec, ["-h", "127.0.0.1", "-p", String(port), "-o", "1", one.id]).catch(() => {});
      runs.push({ ...one, from, to: Date.now() });
    }
  } finally {
    child.kill();
    await once(child, "close");
  }
  writeFileSync(record, JSON.stringify(runs));
}

async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/json/1`)).text();
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) await main(process.argv.slice(2));
