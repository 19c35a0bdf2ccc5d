/** A failed capture as a message, with the ways on; those that F5 brings about by itself are the status bar's. */
import * as vscode from "vscode";
import type { Capture } from "../client/capture.ts";
import type { ChosenProcess } from "../client/chosen-process.ts";
import type { DebugCompanion } from "../debug/companion.ts";
import { isQuiet, type CaptureFailure } from "../model/failure.ts";
import { messageOf } from "../model/message-of.ts";
import { command } from "../names.ts";

export interface FailureSurroundings {
  capture: Capture;
  companion: DebugCompanion;
  chosen: ChosenProcess;
}

export function showFailures(surroundings: FailureSurroundings): vscode.Disposable {
  return surroundings.capture.failures.add((failure) => {
    if (!isQuiet(failure)) void showFailure(surroundings, failure);
  });
}

async function showFailure(
  { companion, chosen }: FailureSurroundings,
  { code, message, holders }: CaptureFailure,
): Promise<void> {
  const again = code === "crashed" ? "Restart" : "Try Again";
  const notForDebugging = "Don't Capture When Debugging on This Machine";
  const byHand = holders.includes("user");
  const answers = ["Show Log", again, ...(byHand ? [] : [notForDebugging])];
  const answer = await vscode.window.showErrorMessage(`Tinytap: ${message}`, ...answers);
  if (answer === "Show Log") await vscode.commands.executeCommand(command.showLog);
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
