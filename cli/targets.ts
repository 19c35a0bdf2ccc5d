/** From the command line to the processes to watch. */
import { listenersOn } from "../client/listeners.ts";
import type { Target } from "../protocol/capture.ts";
import type { HelperConnection } from "./connection.ts";
import type { CaptureCommand } from "./options.ts";

/** The capture can't be done; the message is for a person. */
export class CaptureError extends Error {}

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

/** Throws CaptureError for a process that can't be watched. */
export async function watch(connection: HelperConnection, targets: Target[]): Promise<void> {
  const answer = await connection.request("tinytap/watch", { targets });
  const errors = answer.targets.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) throw new CaptureError(errors.join("; "));
}
