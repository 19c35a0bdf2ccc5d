/** What must be ended before this process ends, by a signal too: servers, temporary folders. */
import { constants } from "node:os";

const ends = new Set<() => Promise<void>>();
let ending = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    // A Ctrl-C comes twice: from the terminal, and from npm.
    if (ending) return;
    ending = true;
    void Promise.allSettled([...ends].map((end) => end())).then(() =>
      process.exit(process.exitCode ?? 128 + constants.signals[signal]),
    );
  });

/** @returns `end`, to be called when its time has come; a signal calls it otherwise */
export function atEnd(end: () => Promise<void>): () => Promise<void> {
  ends.add(end);
  return async () => {
    if (ends.delete(end)) await end();
  };
}
