/** A command under `tinytap capture`, and beside it tshark. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { dist } from "../../scripts/paths.mjs";
import { SetupError } from "../../scripts/progress.mjs";
import type { Exchange } from "./exchange.ts";
import { readPackets, Sniffer } from "./tshark.ts";

export interface Command {
  words: readonly string[];
  folder?: string;
  env?: NodeJS.ProcessEnv;
}

export interface Seen {
  /** By Tinytap, at either end of the connections. */
  server: Exchange[];
  client: Exchange[];
  /** By tshark. */
  packets: Exchange[];
  /** Connections of which tshark says that they are TLS. */
  tls: number;
  /** Packets that tshark didn't get. */
  dropped: number;
  /** Tinytap's last words, and the command's. */
  tally: string;
  said: string[];
}

/** `folder`: where what is seen is written. */
export async function watch(command: Command, folder: string): Promise<Seen> {
  const [packets, lines] = [join(folder, "packets.pcapng"), join(folder, "exchanges.jsonl")];
  const sniffer = await Sniffer.start(packets);
  const said = await capture(command, lines);
  const dropped = await sniffer.stop();
  const reading = await readPackets(packets);
  const all = readFileSync(lines, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const seenBy = (role: string) => all.filter((line) => line.role === role).map(exchangeOf);
  return {
    ...{ server: seenBy("server"), client: seenBy("client"), packets: reading.exchanges },
    ...{ tls: reading.tls.size, dropped, tally: said.at(-1) ?? "", said },
  };
}

async function capture({ words, folder, env }: Command, output: string): Promise<string[]> {
  const args = ["capture", "--format", "jsonl", "--output", output, "--", ...words];
  const child = spawn(process.execPath, [join(dist, "cli.cjs"), ...args], {
    ...(folder !== undefined && { cwd: folder }),
    env: env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => said.push(line));
  await closed;
  if (!said.some((line) => line.startsWith("capturing"))) throw new SetupError(said.join("\n"));
  return said;
}

interface Line {
  role: string;
  local: string;
  remote: string;
  start: number;
  end: string;
  stream: number | null;
  request: { method: string; target: string; body: { size: number } } | null;
  response: { status: number; body: { size: number } } | null;
}

function exchangeOf({ role, local, remote, start, end, stream, request, response }: Line): Exchange {
  const [from, to] = role === "server" ? [remote, local] : [local, remote];
  return {
    ...{ connection: `${portOf(from)} ${portOf(to)}`, start: start / 1000, end },
    ...(stream !== null && { stream }),
    ...(request !== null && { method: request.method, target: request.target }),
    ...{ requestSize: request?.body.size ?? 0, responseSize: response?.body.size ?? 0 },
    ...(response !== null && { status: response.status }),
  };
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}
