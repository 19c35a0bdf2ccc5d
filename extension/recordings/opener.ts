/** Opens recordings from disk, by a thread that reads them as a stream; from other file systems whole, up to a limit. */
import * as vscode from "vscode";
import { sizeText } from "../../protocol/format.ts";
import { oneLine } from "../../protocol/one-line.ts";
import { Recording } from "../../recording/recording.ts";
import { messageOf } from "../model/message-of.ts";
import type { OpenRecording, Recordings, RecordedSource } from "../model/recordings.ts";
import { exchangesText } from "../model/text.ts";
import { withLateProgress, type Report } from "./late-progress.ts";

/** Bytes of a file that is read whole. */
const mostWhole = 64 * 1024 * 1024;

export const filters = { "HTTP Archive": ["har"] };

/** Those that the user chooses. */
export async function pickRecordings(): Promise<vscode.Uri[]> {
  const title = "Open Recording";
  return (await vscode.window.showOpenDialog({ title, filters, canSelectMany: true })) ?? [];
}

export class RecordingOpener {
  readonly #recordings: Recordings;
  readonly #worker: string;

  /** `worker`: the bundle of the thread that reads. */
  constructor(recordings: Recordings, worker: string) {
    this.#recordings = recordings;
    this.#worker = worker;
  }

  /** Opens one, unless it is open; undefined where it can't be, which is told, or where the user has cancelled. */
  async open(uri: vscode.Uri): Promise<OpenRecording | undefined> {
    const name = nameOf(uri);
    let cancelled = false;
    try {
      return await this.#recordings.open(uri.toString(), name, () =>
        withLateProgress(`Opening ${oneLine(name)}`, (signal, report) => {
          signal.addEventListener("abort", () => (cancelled = true));
          return this.#read(uri, signal, report);
        }),
      );
    } catch (error) {
      const words = `Tinytap: ${oneLine(name)} can't be opened: ${messageOf(error)}`;
      if (!cancelled) void vscode.window.showErrorMessage(words);
      return undefined;
    }
  }

  async #read(uri: vscode.Uri, signal: AbortSignal, report: Report): Promise<RecordedSource> {
    const options = {
      ...{ worker: this.#worker, signal },
      onProgress: (done: number, size: number, exchanges: number) =>
        report(exchangesText(exchanges), size > 0 ? done / size : 0),
    };
    if (uri.scheme === "file") return Recording.open(uri.fsPath, options);
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostWhole)
      throw new Error(
        `It is ${sizeText(size)}, and not on a disk here: such files are opened up to ${sizeText(mostWhole)}.`,
      );
    return Recording.open(await vscode.workspace.fs.readFile(uri), options);
  }
}

export function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
