/** Signals that end a capture. */
import { say } from "./terminal.ts";

/** A signal so many milliseconds after the first one is a second wish, and no echo of the first. */
const deliberate = 1000;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP. What comes right after it changes nothing: a terminal's Ctrl-C reaches
 * us once by itself and once more by npm. Only when finishing takes long, and that was said, another one calls `abandon`.
 */
export function firstSignal(abandon: () => void): Promise<NodeJS.Signals> {
  let came = false;
  let mayAbandon = false;
  return new Promise((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      if (mayAbandon) abandon();
      if (came) return;
      came = true;
      resolve(signal);
      const offer = setTimeout(() => {
        say("still finishing; press Ctrl-C again to abandon: the file will be cut");
        mayAbandon = true;
      }, deliberate);
      offer.unref();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, take);
  });
}
