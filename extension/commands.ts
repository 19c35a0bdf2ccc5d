import * as vscode from "vscode";
import type { Capture } from "./client/capture.ts";
import type { DebugCompanion } from "./debug/companion.ts";
import type { ExchangeKey } from "./model/run.ts";
import { command, focusExchanges } from "./names.ts";
import { pickProcess } from "./process-picker.ts";
import type { ExchangePanel } from "./views/panel.ts";
import type { ExchangeTree } from "./views/tree.ts";

export interface CommandSurroundings {
  capture: Capture;
  companion: DebugCompanion;
  tree: ExchangeTree;
  panel: ExchangePanel;
  log: vscode.LogOutputChannel;
}

/** The owner of the processes that were chosen by hand. */
const byHand = "user";

export function registerCommands({
  capture,
  companion,
  tree,
  panel,
  log,
}: CommandSurroundings): vscode.Disposable {
  const register = vscode.commands.registerCommand;
  return vscode.Disposable.from(
    register(command.start, (options?: unknown) => start(capture, pidIn(options))),
    register(command.stop, async () => {
      companion.decline();
      await capture.stop();
      await capture.watch(byHand, []);
    }),
    register(command.clear, () => capture.clear()),
    register(command.open, (key: unknown) => {
      if (typeof key === "string") panel.open(key as ExchangeKey);
    }),
    register(command.showOlder, () => tree.showOlder()),
    register(command.follow, () => tree.follow()),
    register(command.unfollow, () => tree.hold()),
    register(command.showLog, () => log.show()),
  );
}

/**
 * Watches the given process, else those of the debug sessions that run, else the one that is chosen.
 * A key binding may give the process: `"args": { "pid": 4711 }`.
 */
async function start(capture: Capture, given: number | undefined): Promise<void> {
  const known = given === undefined && capture.targets.length > 0;
  const pid = known ? undefined : (given ?? (await pickProcess()));
  if ((!known && pid === undefined) || !(await capture.start("user"))) return;
  await vscode.commands.executeCommand(focusExchanges);
  if (pid === undefined) return;
  const results = await capture.watch(byHand, [{ pid, children: true, descendants: true }]);
  const error = results.find((result) => result.pid === pid)?.error;
  if (error === undefined) return;
  // A capture that was begun for nothing must not go on.
  if (capture.targets.length === 0) await capture.release("user");
  await vscode.window.showErrorMessage(`Tinytap: process ${pid} can't be watched: ${error}`);
}

function pidIn(options: unknown): number | undefined {
  if (typeof options !== "object" || options === null || !("pid" in options)) return undefined;
  return typeof options.pid === "number" ? options.pid : undefined;
}
