/**
 * A stop brings Run and Debug into the side bar, where VS Code folds the views of extensions until somebody opens them. So
 * the list there is opened once in each workspace, at the first stop; from then on it is as the user leaves it.
 */
import * as vscode from "vscode";
import type { Capture } from "../client/capture.ts";
import { focusDebugging } from "../names.ts";

const key = "tinytap.stopped";

export function openAtFirstStop({ state }: Capture, memento: vscode.Memento): vscode.Disposable {
  return vscode.debug.onDidChangeActiveStackItem(async (item) => {
    if (!(item instanceof vscode.DebugStackFrame) || state.current.phase !== "capturing") return;
    if (memento.get(key) || vscode.workspace.getConfiguration("debug").get("openDebug") === "neverOpen")
      return;
    await memento.update(key, true);
    await vscode.commands.executeCommand(focusDebugging, { preserveFocus: true });
  });
}
