/** Tells VS Code's `when` clauses about the capture; each key is set only when its value changes. */
import * as vscode from "vscode";
import type { Obstacle } from "../../client/machine.ts";
import type { CaptureModel } from "../model/capture-model.ts";
import { situationOf } from "../model/situation.ts";
import type { CurrentFilter } from "../model/filter/current-filter.ts";
import { contextKey } from "../names.ts";

export function keepContextKeys(
  { state, exchanges }: CaptureModel,
  filter: CurrentFilter,
  obstacle: Obstacle | undefined,
): vscode.Disposable {
  const known = new Map<string, unknown>();
  const set = (key: string, value: unknown) => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  };
  const update = () => {
    set(contextKey.phase, state.current.phase);
    set(contextKey.situation, situationOf(state.current, vscode.workspace.isTrusted));
    set(contextKey.hasExchanges, exchanges.size > 0);
    set(contextKey.filtered, filter.isOn);
  };
  set(contextKey.machine, obstacle ?? "capture");
  update();
  return vscode.Disposable.from(
    ...[state, exchanges, filter].map((each) => each.onChange(update)),
    vscode.workspace.onDidGrantWorkspaceTrust(update),
  );
}
