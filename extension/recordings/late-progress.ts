/** Work that is mostly done at once, and otherwise shows how far it is and can be cancelled. */
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";

/** Milliseconds of work that need no notification. */
const patience = 500;

/** `share`: of the whole, from 0 to 1. */
export type Report = (words: string, share: number) => void;

/** Rejects as `work` does, which does so with `signal` where it was cancelled. */
export async function withLateProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
  const cancellation = new AbortController();
  let report: Report = () => {};
  const working = work(cancellation.signal, (words, share) => report(words, share));
  const done = working.then(
    () => true,
    () => true,
  );
  if (await Promise.race([done, sleep(patience, false)])) return working;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => cancellation.abort());
    let told = 0;
    report = (message, share) => {
      progress.report({ message, increment: Math.max(0, share - told) * 100 });
      told = Math.max(share, told);
    };
    return working;
  });
}
