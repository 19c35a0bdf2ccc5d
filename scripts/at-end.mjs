/** What must be ended before this process ends, by a signal too: servers, temporary folders. */
import { constants } from "node:os";

/** @type {Set<() => Promise<void>>} */
const ends = new Set();
let ending = false;

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
  process.on(signal, () => {
    // A Ctrl-C comes twice: from the terminal, and from npm.
    if (ending) return;
    ending = true;
    void Promise.allSettled([...ends].map((end) => end())).then(() =>
      process.exit(process.exitCode ?? 128 + constants.signals[signal]),
    );
  });

/**
 * @param {() => Promise<void>} end
 * @returns {() => Promise<void>} `end`, to be called when its time has come; a signal calls it otherwise
 */
export function atEnd(end) {
  ends.add(end);
  return async () => {
    if (ends.delete(end)) await end();
  };
}
