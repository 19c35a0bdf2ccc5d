/** The capture in one glance: its state and the number of exchanges. */
import * as vscode from "vscode";
import type { CaptureModel } from "../model/capture-model.ts";
import { looks, type Action } from "../model/capture-state.ts";
import { detailsText } from "../model/status-text.ts";
import { countText } from "../model/text.ts";
import { command, focusExchanges } from "../names.ts";

const refreshInterval = 200;

const actions: Record<Action, { title: string; command: string }> = {
  start: { title: "Start Capture", command: command.start },
  stop: { title: "Stop Capture", command: command.stop },
  show: { title: "Show Exchanges", command: focusExchanges },
  allowDebugging: { title: "Capture When Debugging Again", command: command.allowDebugging },
};
const showLog = { title: "Show Log", command: command.showLog };

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("tinytap", vscode.StatusBarAlignment.Left, 0);
  readonly #model: CaptureModel;
  readonly #disposables: { dispose(): void }[];
  #timer: NodeJS.Timeout | undefined;

  constructor(model: CaptureModel) {
    this.#model = model;
    this.#item.name = "Tinytap";
    this.#disposables = [
      this.#item,
      model.state.onChange(() => this.#show()),
      model.exchanges.onChange(() => {
        this.#timer ??= setTimeout(() => this.#show(), refreshInterval);
      }),
    ];
    this.#show();
    this.#item.show();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { state, exchanges } = this.#model;
    const { icon, background, actions: possible } = looks[state.current.phase];
    const { total } = exchanges;
    this.#item.text = `$(${icon}) Tinytap${total > 0 ? ` ${countText(total)}` : ""}`;
    this.#item.tooltip = this.#tooltip();
    this.#item.command = actions[possible[0]].command;
    this.#item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
  }

  #tooltip(): vscode.MarkdownString {
    const { current } = this.#model.state;
    const links = [...looks[current.phase].actions.map((action) => actions[action]), showLog];
    const markdown = new vscode.MarkdownString();
    markdown.isTrusted = { enabledCommands: links.map((link) => link.command) };
    return markdown
      .appendText(detailsText(current))
      .appendMarkdown(`\n\n${links.map((link) => `[${link.title}](command:${link.command})`).join(" · ")}`);
  }
}
