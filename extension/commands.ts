import * as vscode from "vscode";
import type { Capture } from "./client/capture.ts";
import type { ChosenProcess } from "./client/chosen-process.ts";
import type { DebugCompanion } from "./debug/companion.ts";
import { messageOf } from "./model/message-of.ts";
import type { ExchangeKey } from "./model/run.ts";
import { command, focusExchanges } from "./names.ts";
import { pickProcess } from "./process-picker.ts";
import type { ExchangePanel } from "./views/panel.ts";
import type { ExchangeTree } from "./views/tree.ts";

export interface CommandSurroundings {
  capture: Capture;
  /** Undefined where the machine can't capture. */
  companion: DebugCompanion | undefined;
  chosen: ChosenProcess;
  tree: ExchangeTree;
  panel: ExchangePanel;
  log: vscode.LogOutputChannel;
}

export function registerCommands({
  capture,
  companion,
  chosen,
  tree,
  panel,
  log,
}: CommandSurroundings): vscode.Disposable {
  const register = vscode.commands.registerCommand;
  return vscode.Disposable.from(
    register(command.start, (options?: unknown) =>
      companion ? start(companion, chosen, pidIn(options)) : sayWhyNot(capture),
    ),
    register(command.stop, async () => {
      companion?.decline();
      await capture.stop();
    }),
    register(command.clear, () => capture.clear()),
    register(command.open, async (given: unknown) => {
      const key = typeof given === "string" ? (given as ExchangeKey) : await tree.selected();
      if (key !== undefined) panel.open(key);
    }),
    register(command.showOlder, () => tree.showOlder()),
    register(command.follow, () => tree.follow()),
    register(command.unfollow, () => tree.hold()),
    register(command.showLog, () => log.show()),
    register(command.allowDebugging, async () => {
      await companion?.allow();
      if (capture.state.current.phase === "unavailable") await capture.stop();
    }),
  );
}

/**
 * Captures the given process, else what is being debugged, else the process that is chosen.
 * A key binding may give the process: `"args": { "pid": 4711 }`.
 */
async function start(
  companion: DebugCompanion,
  chosen: ChosenProcess,
  given: number | undefined,
): Promise<void> {
  let begun = given === undefined ? await companion.join() : undefined;
  if (begun === undefined) {
    const pid = given ?? (await pickProcess());
    if (pid === undefined) return;
    try {
      begun = await chosen.capture(pid);
    } catch (error) {
      await vscode.window.showErrorMessage(`Tinytap: ${messageOf(error)}`);
    }
  }
  if (begun) await vscode.commands.executeCommand(focusExchanges);
}

async function sayWhyNot({ state }: Capture): Promise<void> {
  if ("message" in state.current)
    await vscode.window.showInformationMessage(`Tinytap: ${state.current.message}`);
}

function pidIn(options: unknown): number | undefined {
  if (typeof options !== "object" || options === null || !("pid" in options)) return undefined;
  return typeof options.pid === "number" ? options.pid : undefined;
}
