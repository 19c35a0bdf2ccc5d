/** A failed capture as a message, with the ways on; those that F5 brings about by itself are the status bar's. */
import * as vscode from "vscode";
import type { Capture } from "../client/capture.ts";
import type { ChosenProcess } from "../client/chosen-process.ts";
import type { DebugCompanion } from "../debug/companion.ts";
import { actionTitles, type Action } from "../model/actions.ts";
import type { Cause } from "../model/capture-state.ts";
import { isQuiet, type CaptureFailure } from "../model/failure.ts";
import { messageOf } from "../model/message-of.ts";
import { actionCommands } from "./action-commands.ts";

export interface FailureSurroundings {
  capture: Capture;
  companion: DebugCompanion;
  chosen: ChosenProcess;
}

export function showFailures(surroundings: FailureSurroundings): vscode.Disposable {
  const { state, failures } = surroundings.capture;
  /** What was said last: of debugging that fails the same way again the view and the status bar tell. */
  let said: Cause | undefined;
  return vscode.Disposable.from(
    state.onChange(({ phase }) => {
      if (phase === "capturing") said = undefined;
    }),
    failures.add((failure) => {
      const isRepeated = failure.cause === said && !failure.holders.includes("user");
      if (isQuiet(failure) || isRepeated) return;
      said = failure.cause;
      void showFailure(surroundings, failure);
    }),
  );
}

async function showFailure(
  { companion, chosen }: FailureSurroundings,
  { cause, message, holders }: CaptureFailure,
): Promise<void> {
  const again = cause === "ended" ? "Restart" : actionTitles.tryAgain;
  const why: Action = cause === "ended" || cause === "crashed" ? "showLog" : "checkMachine";
  const notForDebugging = "Don't Capture When Debugging on This Machine";
  const byHand = holders.includes("user");
  const answers = [again, actionTitles[why], ...(byHand ? [] : [notForDebugging])];
  const answer = await vscode.window.showErrorMessage(`Tinytap: ${message}`, ...answers);
  if (answer === actionTitles[why]) await vscode.commands.executeCommand(actionCommands[why]);
  else if (answer === notForDebugging) await companion.forbid();
  else if (answer === again) await startAgain(companion, byHand ? chosen : undefined);
}

/** For whom it was, and only while they are there: what was debugged may have ended meanwhile. */
async function startAgain(companion: DebugCompanion, chosen: ChosenProcess | undefined): Promise<void> {
  try {
    const debugging = await companion.join();
    if (chosen) await chosen.captureAgain();
    else if (debugging === undefined)
      await vscode.window.showInformationMessage("Tinytap: nothing is being debugged any more.");
  } catch (error) {
    await vscode.window.showErrorMessage(`Tinytap: ${messageOf(error)}`);
  }
}
