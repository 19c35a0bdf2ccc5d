/** The detail panels: one that follows the selection, and those that were kept open. */
import * as vscode from "vscode";
import type { Side } from "../../protocol/exchange.ts";
import type { Origin, Place } from "../../protocol/webview.ts";
import type { OpenRecording } from "../model/recordings.ts";
import { exchangeKey, type ExchangeKey } from "../model/run.ts";
import { contextKey, panelType } from "../names.ts";
import { ExchangePanel, type PanelSurroundings } from "./panel.ts";
import { PanelColumn } from "./panel-column.ts";

export interface PanelsSurroundings extends PanelSurroundings {
  /** Opens a recording by its URI; undefined where it can't be, which the user has been told. */
  reopen(location: string): Promise<OpenRecording | undefined>;
}

export class ExchangePanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #surroundings: PanelsSurroundings;
  readonly #context: vscode.ExtensionContext;
  readonly #column: PanelColumn;
  readonly #serializing: vscode.Disposable;
  readonly #all = new Set<ExchangePanel>();
  /** The one that follows the selection. */
  #current: ExchangePanel | undefined;
  #isKept: boolean | undefined;

  constructor(surroundings: PanelsSurroundings, context: vscode.ExtensionContext) {
    this.#surroundings = surroundings;
    this.#context = context;
    this.#column = new PanelColumn(context.workspaceState, () => this.#current?.panel);
    this.#serializing = vscode.window.registerWebviewPanelSerializer(panelType, this);
  }

  /** The exchange that is looked at, if one is. */
  get shown(): ExchangeKey | undefined {
    return this.#looked?.shown;
  }

  /** The side of it that is looked at, if one is. */
  get side(): Side | undefined {
    return this.#looked?.side;
  }

  /**
   * Shows an exchange, or a `place` in it; unless it is to have the `focus` the keyboard stays in the list, so that arrows
   * can go on through it.
   */
  open(key: ExchangeKey, how: { place?: Place; focus?: boolean } = {}): void {
    this.#current ??= this.#create();
    this.#current.open(key, how);
  }

  /** The panel that has the keyboard shows what it shows from now on; the next exchange gets another panel. */
  async keepOpen(): Promise<void> {
    if (this.#looked === this.#current) this.#current = undefined;
    this.#tellContext();
    // VS Code's own word for it: another editor in the group could take the place of one that was moved there.
    await vscode.commands.executeCommand("workbench.action.keepEditor");
  }

  /** VS Code brings back the panels of a window that was reloaded. What one showed of a recording can be read again. */
  async deserializeWebviewPanel(webviewPanel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const panel = this.#adopt(webviewPanel);
    this.#current ??= panel;
    const origin = originIn(state);
    if (origin === undefined) return;
    panel.say("This window was reloaded. The recording is being opened again…");
    const recording = await this.#surroundings.reopen(origin.location);
    if (!this.#all.has(panel) || panel.shown !== undefined) return;
    if (recording) panel.open(exchangeKey(recording.number, origin.id));
    else panel.say("This window was reloaded, and the recording could not be opened again.");
  }

  dispose(): void {
    this.#serializing.dispose();
    this.#column.dispose();
    for (const panel of this.#all) panel.dispose();
  }

  get #looked(): ExchangePanel | undefined {
    return [...this.#all].find(({ panel }) => panel.active) ?? this.#current;
  }

  #create(): ExchangePanel {
    const showOptions = { viewColumn: this.#column.next, preserveFocus: true };
    return this.#adopt(vscode.window.createWebviewPanel(panelType, "Exchange", showOptions));
  }

  #adopt(webviewPanel: vscode.WebviewPanel): ExchangePanel {
    const panel = new ExchangePanel(webviewPanel, this.#surroundings, this.#context.extensionUri);
    this.#all.add(panel);
    webviewPanel.onDidChangeViewState(() => this.#tellContext());
    webviewPanel.onDidDispose(() => {
      panel.dispose();
      this.#all.delete(panel);
      if (this.#current === panel) this.#current = undefined;
    });
    return panel;
  }

  #tellContext(): void {
    const isKept = this.#looked !== undefined && this.#looked !== this.#current;
    if (isKept === this.#isKept) return;
    this.#isKept = isKept;
    void vscode.commands.executeCommand("setContext", contextKey.kept, isKept);
  }
}

/** What the page of another window has left of itself. */
function originIn(state: unknown): Origin | undefined {
  const { location, id } = (state as { origin?: Partial<Origin> } | null)?.origin ?? {};
  return typeof location === "string" && typeof id === "number" ? { location, id } : undefined;
}
