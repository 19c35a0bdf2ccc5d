/** Where something is to be saved. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { oneLine } from "../../protocol/one-line.ts";
import { nameOf } from "./opener.ts";

/** A file on a disk here; proposed not in the workspace, where it would soon be committed. Says so where it is elsewhere. */
export async function pickNewFile(
  title: string,
  name: string,
  filters: Record<string, string[]> = {},
): Promise<vscode.Uri | undefined> {
  const downloads = join(homedir(), "Downloads");
  const folder = existsSync(downloads) ? downloads : homedir();
  const defaultUri = vscode.Uri.file(join(folder, name));
  const uri = await vscode.window.showSaveDialog({ title, filters, defaultUri });
  if (uri === undefined || uri.scheme === "file") return uri;
  const words = `${oneLine(nameOf(uri))} can't be saved there: it must be on a disk here.`;
  void vscode.window.showErrorMessage(`Tinytap: ${words}`);
  return undefined;
}
