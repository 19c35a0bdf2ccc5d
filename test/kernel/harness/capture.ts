/** The judge's command, run around a server. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { idHeader } from "./client.ts";
import { small } from "./servers.ts";
import type { HeadCut, State } from "../../../protocol/exchange.ts";

const root = join(import.meta.dirname, "../../..");
export const dist = join(root, "dist");

/** One line of the output. */
export interface Line {
  pid: number;
  role: "server" | "client";
  start: number;
  duration: number | null;
  end: State;
  stalled?: Partial<Record<"request" | "response", number>>;
  request: ({ method: string; target: string } & Message) | null;
  response: ({ status: number } & Message) | null;
}

interface Message {
  headers: [string, string][];
  headCut?: HeadCut | null;
  body: Facts;
}

export interface Facts {
  size: number;
  end: State;
  sha256?: string;
  missing: { start: number; end: number; reason: string }[];
}

export interface Outcome {
  lines: Line[];
  /** The last line on stderr. */
  tally: string;
}

export interface Settings {
  /** Arguments before `--`. */
  options?: string[];
  /** The server, started by the capture. */
  command?: string[];
  /** Where the command listens: a port, or the path of a socket. */
  address?: number | string;
  /** Likewise, of a command that listens on several. */
  addresses?: readonly (number | string)[];
  /** Another build. */
  dist?: string;
  /** As a user runs it: no room for bodies larger than there is by default. */
  defaults?: boolean;
}

/** The client's number of the exchange. */
export function idOf(line: Line): string | undefined {
  return line.request?.headers.find(([name]) => name.toLowerCase() === idHeader)?.[1];
}

export class Capture {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  readonly #out: string[] = [];
  readonly #errors: string[] = [];

  private constructor(child: ChildProcessByStdio<null, Readable, Readable>) {
    this.#child = child;
    this.#closed = once(child, "close");
    createInterface({ input: child.stdout }).on("line", (line) => this.#out.push(line));
    createInterface({ input: child.stderr }).on("line", (line) => this.#errors.push(line));
  }

  /** Resolves when the probes are on and the command, if any, listens. */
  static async start(settings: Settings): Promise<Capture> {
    const { options = [], command, address, dist: folder = dist, defaults = false } = settings;
    const addresses = address === undefined ? (settings.addresses ?? []) : [address];
    const room = defaults ? [] : ["--max-body", String(128 << 20)];
    const args = ["capture", "--format", "jsonl", ...room, ...options];
    const child = spawn(
      process.execPath,
      [join(folder, "cli.cjs"), ...args, ...(command ? ["--", ...command] : [])],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const capture = new Capture(child);
    try {
      await capture.#until(() => capture.probes !== undefined);
      for (const each of addresses) await capture.#until(() => listens(each));
    } catch (error) {
      child.kill("SIGTERM");
      throw error;
    }
    return capture;
  }

  /** The line that begins `capturing`. */
  get probes(): string | undefined {
    return this.#errors.find((line) => line.startsWith("capturing"));
  }

  get errors(): string {
    return this.#errors.join("\n");
  }

  /** Its own process id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Lines so far. */
  get lines(): Line[] {
    return this.#out.map((line) => JSON.parse(line) as Line);
  }

  /** The lines, once there is one of that role for each of these exchanges, or they are overdue. */
  async linesFor(received: readonly { id: string }[], role: Line["role"] = "server"): Promise<Line[]> {
    const overdue = Date.now() + (small ? 60_000 : 20_000);
    while (Date.now() < overdue) {
      const lines = this.lines;
      const there = new Set(lines.filter((line) => line.role === role).map(idOf));
      if (received.every(({ id }) => there.has(id))) return lines;
      await sleep(20);
    }
    return this.lines;
  }

  /** Ends it and the command; again is allowed. */
  async stop(): Promise<Outcome> {
    this.#child.kill("SIGTERM"); // a SIGINT would count as the terminal's, which the command has got too
    await this.#closed;
    if (this.#child.exitCode !== 0)
      throw new Error(`the capture ended with ${this.#child.exitCode}:\n${this.errors}`);
    return { lines: this.lines, tally: this.#errors.at(-1) ?? "" };
  }

  async #until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the capture ended before it stood:\n${this.errors}`);
      await sleep(20);
    }
  }
}

/** Whether somebody accepts connections there. */
export async function listens(address: number | string): Promise<boolean> {
  const socket = typeof address === "number" ? connect(address, "127.0.0.1") : connect(address);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
