/** Ways to watch a server, and what each has to show for it in the end. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { HelperConnection } from "../../cli/connection.ts";
import { dist } from "../../scripts/paths.mjs";
import { helperOf, usage, type Usage } from "./process.ts";
import type { Server } from "./server.ts";
import { count } from "../count.ts";

/** `feed`: summaries of every change, as the sidebar has them. The others are the command's formats. */
export const modes = ["feed", "text", "jsonl", "har"] as const;
export type Mode = (typeof modes)[number];

export interface Seen {
  /** By the tally. */
  exchanges: number;
  lost: string;
  /** Exchanges that were told of. */
  shown: number;
  /** Of those, bodies of responses that are whole: by hash, where there is one, or by their bytes. */
  whole: number;
  /** Bodies with gaps, by reason. */
  gaps: Record<string, number>;
  /** Bodies of which bytes are declared that are neither held nor named as missing, or that aren't the server's. */
  invented: number;
  helper: Usage;
}

export interface Watcher {
  helper: number;
  /** Ends the capture, and reads what it has written. */
  stop(): Promise<Seen>;
}

/** `body`: what the server answers. */
export function watch(mode: Mode, server: Server, body: Buffer): Promise<Watcher> {
  return mode === "feed" ? watchFeed(server) : watchCommand(mode, server, body);
}

async function watchFeed(server: Server): Promise<Watcher> {
  const connection = await HelperConnection.open(dist);
  const used = follow(connection.pid);
  const finished = new Map<number, boolean>();
  connection.on("tinytap/exchanges", ({ exchanges }) => {
    for (const { id, state, missing } of exchanges)
      if (state !== "in-flight") finished.set(id, state === "complete" && missing === 0);
  });
  await connection.initialize({ targets: [{ pid: server.pid, children: false }] });
  return {
    helper: connection.pid,
    async stop() {
      const { tally } = await connection.request("tinytap/drain", null);
      await connection.close();
      const whole = [...finished.values()].filter(Boolean).length;
      return {
        exchanges: tally.exchanges,
        lost:
          Object.entries(tally.lost)
            .map(([reason, number]) => `${reason} ${number}`)
            .join(", ") || "nothing",
        shown: finished.size,
        whole,
        gaps: finished.size > whole ? { "of some reason": finished.size - whole } : {},
        invented: 0,
        helper: used(),
      };
    },
  };
}

async function watchCommand(format: Exclude<Mode, "feed">, server: Server, body: Buffer): Promise<Watcher> {
  const file = join(server.folder, `capture.${format}`);
  const args = ["capture", "--pid", String(server.pid), "--format", format, "--output", file];
  const child = spawn(process.execPath, [join(dist, "cli.cjs"), ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = once(child, "close");
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  while (!errors.some((line) => line.startsWith("capturing"))) {
    if (child.exitCode !== null) throw new Error(errors.join("\n"));
    await sleep(20);
  }
  const helper = helperOf(child.pid ?? 0) ?? 0;
  const used = follow(helper);
  return {
    helper,
    async stop() {
      child.kill("SIGINT");
      await closed;
      const tally = errors.at(-1) ?? "";
      const seen: Seen = {
        exchanges: Number(/^(\d+) exchange/.exec(tally)?.[1]),
        lost: /lost: (.*)$/.exec(tally)?.[1] ?? (child.exitCode === 0 ? "nothing" : errors.join("\n")),
        shown: 0,
        whole: 0,
        gaps: {},
        invented: 0,
        helper: used(),
      };
      const judge = judges[format](body);
      for await (const line of createInterface({ input: createReadStream(file) })) judge(line, seen);
      rmSync(file);
      return seen;
    },
  };
}

/** Looks at the process now and then, and gives what was seen last. */
function follow(pid: number): () => Usage {
  let last = usage(pid);
  const timer = setInterval(() => (last = usage(pid) ?? last), 50);
  return () => {
    clearInterval(timer);
    return last ?? { cpuSeconds: Number.NaN, rssMiB: Number.NaN, maxRssMiB: Number.NaN };
  };
}

type Judge = (line: string, seen: Seen) => void;

interface Missing {
  reason: string;
}

interface Facts {
  size: number;
  sha256?: string;
  missing: Missing[];
}

interface Content {
  size: number;
  text?: string;
  encoding?: "base64";
  _tinytap?: { missing: Missing[] };
}

const judges: Record<Exclude<Mode, "feed">, (body: Buffer) => Judge> = {
  text: () => (line, seen) => {
    seen.shown++;
    const [, why] = / incomplete: (.*)$/.exec(line) ?? [];
    if (why === undefined) seen.whole++;
    else count(seen.gaps, why);
  },
  jsonl: (expected) => {
    const sha256 = createHash("sha256").update(expected).digest("hex");
    return (line, seen) => {
      const { response } = JSON.parse(line) as { response: { body: Facts } | null };
      const body = response?.body;
      take(seen, body?.missing ?? [], body?.sha256 === sha256, () => body?.sha256 === undefined);
    };
  },
  har: (expected) => {
    const texts = [expected.toString("utf8"), expected.toString("base64")];
    return (line, seen) => {
      if (!line.startsWith('{"started')) return; // header and footer
      const { response } = JSON.parse(line.replace(/,$/, "")) as { response: { content: Content } };
      const { size, text = "", encoding, _tinytap } = response.content;
      const honest = () => expected.subarray(0, size).equals(Buffer.from(text, encoding));
      take(seen, _tinytap?.missing ?? [], texts.includes(text), honest);
    };
  },
};

/** `cut`: neither whole nor with bytes missing, but what there is is the server's. */
function take(seen: Seen, missing: readonly Missing[], whole: boolean, cut: () => boolean): void {
  seen.shown++;
  for (const reason of new Set(missing.map((each) => each.reason))) count(seen.gaps, reason);
  if (missing.length > 0) return;
  if (whole) seen.whole++;
  else if (cut()) count(seen.gaps, "its end was not seen");
  else seen.invented++;
}
