/** The Network panel: a table of all exchanges, in VS Code's bottom panel. Its page is there only while it is looked at. */
import * as vscode from "vscode";
import type { FromTable } from "../../protocol/table.ts";
import type { ExchangeKey } from "../model/run.ts";
import { TableSession } from "../model/table-session.ts";
import type { TableSurroundings } from "../model/table.ts";
import { view } from "../names.ts";
import { actionCommands } from "./action-commands.ts";
import { showPage } from "./page.ts";

export interface NetworkSurroundings extends TableSurroundings {
  /** Shows an exchange; `focus`: the keyboard goes there. */
  open(key: ExchangeKey, focus: boolean): void;
}

export class NetworkView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #session: TableSession;
  readonly #registration: vscode.Disposable;
  #view: vscode.WebviewView | undefined;
  /** When it has shown an exchange, in milliseconds of `performance.now()`. */
  lastOpened = -Infinity;

  constructor(surroundings: NetworkSurroundings, extensionUri: vscode.Uri) {
    this.#extensionUri = extensionUri;
    this.#session = new TableSession({
      ...surroundings,
      open: (key, focus) => {
        this.lastOpened = performance.now();
        surroundings.open(key, focus);
      },
      act: (action) => void vscode.commands.executeCommand(actionCommands[action]),
      post: (message) => void this.#view?.webview.postMessage(message),
      isSeen: () => this.#view?.visible === true,
    });
    this.#registration = vscode.window.registerWebviewViewProvider(view.network, this);
  }

  resolveWebviewView(resolved: vscode.WebviewView): void {
    this.#view = resolved;
    resolved.webview.onDidReceiveMessage((message: FromTable) => this.#session.take(message));
    resolved.onDidChangeVisibility(() => this.#session.schedule());
    resolved.onDidDispose(() => {
      if (this.#view !== resolved) return;
      this.#view = undefined;
      this.#session.end();
    });
    const page = { title: "Network", name: "table", policy: "font-src data:" };
    showPage(resolved.webview, this.#extensionUri, page);
  }

  /** Brings it to the front; the keyboard goes to its rows. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${view.network}.focus`);
    this.#session.focus();
  }

  dispose(): void {
    this.#registration.dispose();
    this.#session.dispose();
  }
}
