/** "Check This Machine": a read-only page in VS Code's own Markdown view. */
import * as vscode from "vscode";
import { diagnosisText } from "./diagnosis-text.ts";
import { withLateProgress } from "../recordings/late-progress.ts";
import type { Diagnosis } from "../../client/diagnosis.ts";

const uri = vscode.Uri.from({ scheme: "tinytap-machine", path: "This Machine.md" });

export class MachinePage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #diagnose: () => Promise<Diagnosis>;
  readonly #root: vscode.Uri;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  #text = "";

  readonly onDidChange = this.#changed.event;

  /** `root`: the walkthrough's page of what runs as root. */
  constructor(diagnose: () => Promise<Diagnosis>, root: vscode.Uri) {
    this.#diagnose = diagnose;
    this.#root = root;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(uri.scheme, this);
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  /** Checks anew each time. */
  async show(): Promise<void> {
    const title = "Checking what Tinytap can see on this machine";
    const diagnosis = await withLateProgress(title, () => this.#diagnose());
    const root = Buffer.from(await vscode.workspace.fs.readFile(this.#root)).toString();
    this.#text = diagnosisText(diagnosis, root, vscode.env.remoteName);
    this.#changed.fire(uri);
    // Somebody may have switched VS Code's Markdown off.
    await vscode.commands
      .executeCommand("markdown.showPreview", uri)
      .then(undefined, () => vscode.window.showTextDocument(uri));
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
