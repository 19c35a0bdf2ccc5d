/** Signals that end a capture. */
import { say } from "./terminal.ts";

/** A signal so many milliseconds after the first one is a second wish, and no echo of the first. */
const deliberate = 1000;

export interface EndSignals {
  first: Promise<NodeJS.Signals>;
  /** Everything is written: nothing is left to abandon. */
  finished(): void;
}

/**
 * `first` resolves at the first SIGINT, SIGTERM or SIGHUP. What comes right after it changes nothing: a terminal's Ctrl-C reaches
 * us once by itself and once more by npm. Only when finishing takes long, and that was said, another one calls `abandon`.
 */
export function endSignals(abandon: () => void): EndSignals {
  let came = false;
  let isFinished = false;
  let mayAbandon = false;
  const offer = () => {
    if (isFinished) return;
    say("still finishing; press Ctrl-C again to abandon: the file will be cut");
    mayAbandon = true;
  };
  const first = new Promise<NodeJS.Signals>((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      if (mayAbandon && !isFinished) abandon();
      if (came) return;
      came = true;
      resolve(signal);
      setTimeout(offer, deliberate).unref();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, take);
  });
  return {
    first,
    finished: () => {
      isFinished = true;
    },
  };
}
