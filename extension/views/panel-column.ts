/** The detail panel's column: remembered, and the panel's own as long as the user wants nothing else. */
import * as vscode from "vscode";
import { columnFor, isCovered, leftIn, type EditorGroup, type Left } from "../model/detail-column.ts";
import { panelType } from "../names.ts";

const key = "tinytap.detail";

export class PanelColumn implements vscode.Disposable {
  readonly #memento: vscode.Memento;
  readonly #panel: () => vscode.WebviewPanel | undefined;
  readonly #subscription: vscode.Disposable;

  /** `panel`: the one that follows the selection. */
  constructor(memento: vscode.Memento, panel: () => vscode.WebviewPanel | undefined) {
    this.#memento = memento;
    this.#panel = panel;
    this.#subscription = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => this.#heed(opened));
  }

  /** For a panel that is to be made. */
  get next(): vscode.ViewColumn {
    return columnFor(editorGroups(), this.#left);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  get #left(): Left | undefined {
    return this.#memento.get(key);
  }

  #heed(opened: readonly vscode.Tab[]): void {
    const panel = this.#panel();
    if (panel === undefined) return;
    const groups = editorGroups();
    // As when the debugger stops: what it shows is to be seen, and the exchange beside it.
    if (isCovered(groups, this.#left, opened.filter((tab) => !isDetail(tab)).length))
      return panel.reveal(columnFor(groups, this.#left), true);
    const left = leftIn(groups, panel.viewColumn);
    if (left !== undefined) void this.#memento.update(key, left);
  }
}

function editorGroups(): EditorGroup[] {
  return vscode.window.tabGroups.all.map(({ viewColumn, tabs }) => {
    const details = tabs.filter(isDetail).length;
    return { column: viewColumn, details, others: tabs.length - details };
  });
}

/** VS Code puts a word of its own before a panel's type. */
function isDetail({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelType);
}
