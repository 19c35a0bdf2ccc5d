/** "Save Recording…": what is to be saved, with or without credentials, and where; then the file, and words about it. */
import * as vscode from "vscode";
import { oneLine } from "../../protocol/one-line.ts";
import type { Exchanges } from "../model/exchanges.ts";
import type { Recordings } from "../model/recordings.ts";
import type { Row } from "../model/row-window.ts";
import { fileNameOf, saveScopes, type SaveScope } from "../model/save-scope.ts";
import { failureText, savedText } from "../model/saving-text.ts";
import type { Sources } from "../model/sources.ts";
import { countText } from "../model/text.ts";
import { withLateProgress } from "./late-progress.ts";
import { filters, nameOf } from "./opener.ts";
import { pickNewFile } from "./pick-new-file.ts";
import { writeRecording } from "./write.ts";

export interface SaverSurroundings {
  exchanges: Exchanges;
  recordings: Recordings;
  sources: Sources;
  /** Resolves when every row is there that was captured until now. */
  catchUp(): Promise<void>;
}

/** Saves what a row of the tree stands for, else what the user chooses. Gives the file, where there is one now. */
export async function saveRecording(
  { exchanges, recordings, sources, catchUp }: SaverSurroundings,
  row: Row | undefined,
): Promise<vscode.Uri | undefined> {
  await catchUp();
  const scope = await pickScope(saveScopes(exchanges, recordings), row);
  if (scope === undefined) return undefined;
  const redact = await pickRedaction();
  if (redact === undefined) return undefined;
  const uri = await pickNewFile("Save Recording", fileNameOf(scope), filters);
  if (uri === undefined) return undefined;
  const name = oneLine(nameOf(uri));
  const redacted = scope.recording?.recorded.redacted ?? false;
  let cancelled = false;
  const write = async () => {
    // The dialogs took their time: under traffic the limits may have taken all that was there before them.
    await catchUp();
    const now = saveScopes(exchanges, recordings).find((each) => each.row === scope.row) ?? scope;
    const keys = now.exchanges.map(({ key }) => key);
    return withLateProgress(`Saving ${name}`, (signal, report) => {
      signal.addEventListener("abort", () => (cancelled = true));
      const onProgress = (done: number) =>
        report(`${countText(done)} of ${countText(keys.length)}`, done / keys.length);
      return writeRecording(uri.fsPath, keys, { sources, redact, redacted, signal, onProgress });
    });
  };
  try {
    const saved = await sources.holding(write);
    const open = "Open It";
    const words = `Tinytap: ${savedText(name, saved)}`;
    return (await vscode.window.showInformationMessage(words, open)) === open ? uri : undefined;
  } catch (error) {
    if (!cancelled) void vscode.window.showErrorMessage(`Tinytap: ${failureText(name, error)}`);
    return undefined;
  }
}

async function pickScope(scopes: readonly SaveScope[], row: Row | undefined): Promise<SaveScope | undefined> {
  if (row !== undefined) return scopes.find((scope) => scope.row === row);
  if (scopes.length > 1) return vscode.window.showQuickPick(scopes, { placeHolder: "What to save" });
  if (scopes.length === 0)
    void vscode.window.showInformationMessage("Tinytap: there are no exchanges to save.");
  return scopes[0];
}

async function pickRedaction(): Promise<boolean | undefined> {
  const redacted = {
    label: "Without credentials",
    description: "for others to see",
    detail: "Authorization, cookies, API keys and the like are replaced; bodies and URLs stay as they are.",
  };
  const whole = { label: "As captured", description: "with credentials", detail: "For you alone." };
  const placeHolder = "What the headers of the recording tell";
  const picked = await vscode.window.showQuickPick([redacted, whole], { placeHolder });
  return picked && picked === redacted;
}
