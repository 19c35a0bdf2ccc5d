/**
 * Starts the helper as root and hands over its pipes. Elevation is over, and the helper has said that it stands,
 * before anyone speaks JSON-RPC with it. Closing its stdin is the one way to end it.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { defaultRingSize, type Elevation } from "../protocol/capture.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { Hello, StartErrorCode } from "../protocol/rpc.ts";
import { machineFacts, obstacleOf, obstacleText, type Obstacle } from "./machine.ts";

export interface SpawnOptions {
  /** The Node that runs the helper: the editor's own serves (ELECTRON_RUN_AS_NODE is set). */
  node: string;
  /** MiB of the kernel's ring buffer: one of `ringSizes`, by default `defaultRingSize`. */
  ringSize?: number;
  /** The folder of root.cjs, helper.cjs, tinytap.node and the BPF objects. */
  directory: string;
  /** Nobody is to be asked for a password. */
  silent?: boolean;
  /** Gets what the helper, sudo or pkexec write to stderr, line by line. */
  log(line: string): void;
}

export interface Helper {
  /** End it to end the helper. */
  stdin: Writable;
  /** JSON-RPC from its first byte on. */
  stdout: Readable;
  /** The helper's own, whatever stands between it and us. */
  pid: number;
  elevation: Elevation;
  exited: Promise<Exit>;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class HelperStartError extends Error {
  readonly code: StartErrorCode;
  readonly refusal: Refusal | undefined;

  constructor(code: StartErrorCode, message: string, refusal?: Refusal) {
    super(message);
    this.code = code;
    this.refusal = refusal;
  }
}

const foreign: ReadonlySet<Obstacle> = new Set<Obstacle>(["macos", "windows", "other-system", "other-cpu"]);

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A way to root; `uid` is the shell variable in which it names the user who asked. */
interface Way {
  elevation: Elevation;
  command: string[];
  uid: string;
}

const ways: Way[] = [
  { elevation: "sudo", command: ["sudo", "-n", "--"], uid: "$SUDO_UID" },
  // Its own agent would ask on a terminal that nobody watches.
  { elevation: "pkexec", command: ["pkexec", "--disable-internal-agent"], uid: "$PKEXEC_UID" },
];

const silentWays = ways.filter(({ elevation }) => !prompts(elevation));

/** Whether another start might ask a person again: that nobody wants unasked. */
export function prompts(elevation: Elevation): boolean {
  return elevation === "pkexec";
}

/**
 * Starts the helper: directly where we are root, else by `sudo -n`, else by pkexec, which may ask.
 * Throws HelperStartError, whose message says what to do.
 */
export async function spawnHelper(options: SpawnOptions): Promise<Helper> {
  const obstacle = obstacleOf(machineFacts());
  // Of a Linux on this CPU the helper itself knows better.
  if (obstacle !== undefined && foreign.has(obstacle))
    throw new HelperStartError("no-kernel-support", obstacleText[obstacle]);
  return start(options, options.silent ? silentWays : ways);
}

/**
 * What keeps a capture from starting here; undefined where nothing does. The root phase alone is run: it loads the smallest
 * program, attaches it and ends. Nobody is asked for a password. Takes a fraction of a second.
 */
export async function whyNoCapture(
  options: Pick<SpawnOptions, "node" | "directory">,
): Promise<HelperStartError | undefined> {
  try {
    const asked = await start({ ...options, log: () => {} }, silentWays, ["ask"]);
    asked.stdin.destroy();
    await asked.exited;
    return undefined;
  } catch (error) {
    if (error instanceof HelperStartError) return error;
    throw error;
  }
}

async function start(options: SpawnOptions, among: Way[], words: string[] = []): Promise<Helper> {
  if (process.geteuid?.() === 0) {
    const outcome = await attempt({ elevation: "root", command: [], uid: "0" }, options, words);
    if ("stdin" in outcome) return outcome;
    throw new HelperStartError("crashed", `Tinytap's helper ended before it stood: ${outcome.refused}`);
  }
  const refusals: string[] = [];
  for (const way of among) {
    const outcome = await attempt(way, options, words);
    if ("stdin" in outcome) return outcome;
    refusals.push(`${way.elevation}: ${outcome.refused}`);
  }
  throw new HelperStartError(
    "no-root",
    "Tinytap needs root for a moment, to attach its probes, and didn't get it " +
      `(${refusals.join("; ")}). Let your user run sudo without a password, start a polkit agent (a desktop session ` +
      "has one), or run this as root.",
  );
}

/** `refused`: this way gave no root. Throws where there was root, and the helper still couldn't stand. */
function attempt(
  { elevation, command, uid }: Way,
  options: SpawnOptions,
  words: string[],
): ReturnType<typeof launch> {
  return launch([...command, ...rootCommand(uid, options), ...words], elevation, options.log);
}

/** Runs what says a helper's first line. Resolves and throws like `attempt`. */
export async function launch(
  [file = "", ...args]: string[],
  elevation: Elevation,
  log: SpawnOptions["log"],
): Promise<Helper | { refused: string }> {
  const child: Child = spawn(file, args, {
    stdio: ["pipe", "pipe", "pipe"],
    // pkexec refuses a shell that isn't in /etc/shells.
    env: { ...process.env, SHELL: "/bin/sh" },
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  try {
    await once(child, "spawn");
  } catch (error) {
    return { refused: String((error as NodeJS.ErrnoException).code) };
  }
  child.stdin.on("error", () => {}); // it ended: `exited` tells
  let lastWords = "";
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastWords = line;
    log(line);
  });
  const hello = await readHello(child.stdout);
  if (hello === undefined) {
    child.stdin.end(); // whatever it is, it must not wait for us
    const { code } = await exited;
    return { refused: lastWords || `exit code ${code}` };
  }
  if (!hello.ready) throw new HelperStartError(hello.error.code, hello.error.message, hello.error.refusal);
  return { stdin: child.stdin, stdout: child.stdout, pid: hello.pid, elevation, exited };
}

/**
 * An environment of its own for the root phase: nothing of ours reaches it. sudo and pkexec would erase
 * ELECTRON_RUN_AS_NODE, without which the desktop editor's binary is no Node.
 */
function rootCommand(uid: string, options: SpawnOptions): string[] {
  const ring = Number(options.ringSize ?? defaultRingSize); // a shell will read it
  const set = `ELECTRON_RUN_AS_NODE=1 UV_USE_IO_URING=0 LANG=C.UTF-8 TINYTAP_UID="${uid}" TINYTAP_RING=${ring}`;
  const root = join(options.directory, "root.cjs");
  return ["/bin/sh", "-c", `exec /usr/bin/env -i ${set} "$@"`, "tinytap", options.node, root];
}

/** The first line of stdout; undefined when it ends before. What follows the line stays in the stream. */
async function readHello(stdout: Readable): Promise<Hello | undefined> {
  let seen = Buffer.alloc(0);
  for (;;) {
    const chunk = stdout.read() as Buffer | null;
    if (chunk === null) {
      if (stdout.readableEnded) return undefined;
      await Promise.race([once(stdout, "readable"), once(stdout, "end")]);
      continue;
    }
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf("\n");
    if (end < 0) continue;
    if (end + 1 < seen.length) stdout.unshift(seen.subarray(end + 1));
    return parseHello(seen.toString("utf8", 0, end));
  }
}

function parseHello(line: string): Hello | undefined {
  try {
    return JSON.parse(line) as Hello;
  } catch {
    return undefined;
  }
}
