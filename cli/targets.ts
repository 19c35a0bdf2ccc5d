/** From the command line to the processes to watch. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { listenersOn } from "../client/processes.ts";
import type { Target } from "../protocol/capture.ts";
import type { HelperConnection } from "./connection.ts";
import type { CaptureCommand } from "./options.ts";

/** The capture can't be done; the message is for a person. */
export class CaptureError extends Error {}

export interface Command {
  child: ChildProcess;
  exited: Promise<void>;
}

/** Watches what the command line names. Throws CaptureError for a process that can't be watched. */
export async function watchNamed(connection: HelperConnection, command: CaptureCommand): Promise<void> {
  const pids = [...command.pids];
  // With COMMAND the ports only choose among its connections: nobody need listen yet.
  if (command.command.length === 0)
    for (const port of command.ports) {
      const listeners = await listenersOn(port);
      if (listeners.length === 0 && command.pids.length === 0)
        throw new CaptureError(`no process of yours listens on port ${port}`);
      pids.push(...listeners);
    }
  await watch(
    connection,
    pids.map((pid) => ({ pid, children: true, descendants: true })),
  );
}

/**
 * Starts COMMAND once the probes are on. We are a target while it is forked, so that the kernel makes it one from its
 * first instruction on.
 */
export async function startCommand(connection: HelperConnection, words: string[]): Promise<Command> {
  await watch(connection, [{ pid: process.pid, children: true }]);
  const [file = "", ...args] = words;
  // Its stdout is not ours, which carries the exchanges.
  const child = spawn(file, args, { stdio: ["inherit", 2, 2] });
  // From the start: it may end before we have said all there is to say.
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    await once(child, "spawn");
  } catch (error) {
    throw new CaptureError(`can't start "${file}": ${(error as NodeJS.ErrnoException).code}`);
  }
  if (child.exitCode === null && child.pid !== undefined)
    await connection.request("tinytap/watch", { targets: [{ pid: child.pid, children: true }] });
  await connection.request("tinytap/unwatch", { pids: [process.pid] });
  return { child, exited };
}

async function watch(connection: HelperConnection, targets: Target[]): Promise<void> {
  const answer = await connection.request("tinytap/watch", { targets });
  const errors = answer.targets.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) throw new CaptureError(errors.join("; "));
}
