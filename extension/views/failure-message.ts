/** A failed capture as a message, with the ways on. */
import * as vscode from "vscode";
import type { Capture, CaptureFailure } from "../client/capture.ts";
import { command, setting } from "../names.ts";

export function showFailures(capture: Capture): vscode.Disposable {
  return capture.failures.add((failure) => void showFailure(capture, failure));
}

async function showFailure(capture: Capture, { code, message, holders }: CaptureFailure): Promise<void> {
  const again = code === "crashed" ? "Restart" : "Try Again";
  const notForDebugging = "Don't Capture When Debugging";
  const byDebugging = holders.includes("debug") && !holders.includes("user");
  const answers = ["Show Log", again, ...(byDebugging ? [notForDebugging] : [])];
  const answer = await vscode.window.showErrorMessage(`Tinytap: ${message}`, ...answers);
  if (answer === "Show Log") await vscode.commands.executeCommand(command.showLog);
  else if (answer === again) for (const holder of holders) await capture.start(holder);
  else if (answer === notForDebugging)
    await vscode.workspace
      .getConfiguration()
      .update(setting.debugCapture, "never", vscode.ConfigurationTarget.Global);
}
