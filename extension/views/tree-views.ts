/** The tree's two places: Tinytap's own view, and one in Run and Debug while something is being debugged. */
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { Listeners } from "../model/listeners.ts";
import type { Row } from "../model/row-window.ts";
import { view } from "../names.ts";

/** Milliseconds that VS Code may take to know of a row or a selection, and between two looks. */
const patience = 2000;
const step = 20;

export class TreeViews implements vscode.Disposable {
  readonly #views: vscode.TreeView<Row>[];
  readonly #shown = new Listeners<void>();
  readonly #selected = new Listeners<void>();
  /** The one that was seen last. */
  #current: vscode.TreeView<Row>;
  #message = "";
  #description = "";

  constructor(treeDataProvider: vscode.TreeDataProvider<Row>) {
    const own = vscode.window.createTreeView(view.exchanges, { treeDataProvider });
    const debugging = vscode.window.createTreeView(view.debugging, { treeDataProvider });
    this.#current = own;
    this.#views = [own, debugging];
    for (const each of this.#views) {
      each.onDidChangeVisibility(({ visible }) => {
        if (visible) this.#current = each;
        this.#shown.fire();
      });
      each.onDidChangeSelection(() => {
        if (each === this.#current) this.#selected.fire();
      });
    }
  }

  get visible(): boolean {
    return this.#views.some(({ visible }) => visible);
  }

  get selection(): Row | undefined {
    return this.#current.selection[0];
  }

  onShow(listener: () => void): { dispose(): void } {
    return this.#shown.add(listener);
  }

  onSelect(listener: () => void): { dispose(): void } {
    return this.#selected.add(listener);
  }

  /** While VS Code takes the rows anew it knows of no selection: then as soon as it does. */
  async whenSelected(): Promise<Row | undefined> {
    for (let waited = 0; this.selection === undefined && waited < patience; waited += step) await sleep(step);
    return this.selection;
  }

  /** Selects a row and scrolls to it. `isThere`: whether VS Code has it; it refuses a row that it hasn't. */
  async reveal(row: Row, isThere: () => boolean): Promise<void> {
    const options = { select: true, focus: true, expand: true };
    for (let waited = 0; waited < patience; waited += step) {
      if (isThere() && (await succeeds(this.#current.reveal(row, options)))) return;
      await sleep(step);
    }
  }

  /** The keyboard goes to the one that was seen last. */
  async focus(): Promise<void> {
    const id = this.#current === this.#views[0] ? view.exchanges : view.debugging;
    await vscode.commands.executeCommand(`${id}.focus`);
  }

  /** `message` stands above the rows, `description` beside the title. Gives whether the message has changed. */
  say(message: string, description: string): boolean {
    if (description !== this.#description) for (const each of this.#views) each.description = description;
    this.#description = description;
    if (message === this.#message) return false;
    this.#message = message;
    for (const each of this.#views) each.message = message;
    return true;
  }

  dispose(): void {
    for (const each of this.#views) each.dispose();
  }
}

function succeeds(attempt: Thenable<void>): Thenable<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
