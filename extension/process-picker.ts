/** Asks which process to watch: one that listens, or one whose id is known. */
import * as vscode from "vscode";
import { listeningProcesses, programName } from "../client/listeners.ts";
import type { ListeningProcess } from "../protocol/capture.ts";
import { oneLine } from "../protocol/one-line.ts";

type Item = vscode.QuickPickItem & { pid?: number };

/** The chosen process's id, or undefined when the question was dismissed. */
export async function pickProcess(): Promise<number | undefined> {
  const byHand: Item = { label: "$(edit) Enter a process id…", alwaysShow: true };
  const items = listeningProcesses().then((all): Item[] => [...all.map(item), byHand]);
  const picked = await vscode.window.showQuickPick(items, {
    title: "Start Capture",
    placeHolder: "The process to watch, by the ports it listens on",
    matchOnDescription: true,
    matchOnDetail: true,
    // One may have to look the process up elsewhere.
    ignoreFocusOut: true,
  });
  return picked === byHand ? enterPid() : picked?.pid;
}

function item({ pid, name, commandLine, ports }: ListeningProcess): Item {
  const portText = ports.map((port) => `:${port}`).join(", ");
  const program = programName([commandLine]) ?? name;
  return {
    label: `$(server-process) ${oneLine(program)}`,
    description: `${portText} · pid ${pid}`,
    detail: oneLine(commandLine),
    pid,
  };
}

async function enterPid(): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: "Start Capture",
    ignoreFocusOut: true,
    prompt: "The id of the process to watch; the processes it starts are watched too",
    validateInput: (value) =>
      /^[1-9]\d{0,9}$/.test(value.trim()) ? undefined : "A process id is a whole number.",
  });
  return text === undefined ? undefined : Number(text.trim());
}
