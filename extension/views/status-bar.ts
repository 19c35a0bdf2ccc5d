/** The capture in one glance: its state and the number of exchanges. */
import * as vscode from "vscode";
import type { CurrentSituation } from "../model/current-situation.ts";
import type { CaptureModel } from "../model/capture-model.ts";
import { CostMeter, silence } from "../model/cost.ts";
import { actionTitles, type Action } from "../model/actions.ts";
import { looks } from "../model/capture-state.ts";
import { detailsText } from "../model/status-text.ts";
import { countText } from "../model/text.ts";
import { actionCommands } from "./action-commands.ts";

const refreshInterval = 200;

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("tinytap", vscode.StatusBarAlignment.Left, 0);
  readonly #model: CaptureModel;
  readonly #situation: CurrentSituation;
  readonly #meter = new CostMeter();
  readonly #disposables: { dispose(): void }[];
  #timer: NodeJS.Timeout | undefined;

  /** Nothing has come for a while: then there is no traffic now. */
  #silence: NodeJS.Timeout | undefined;

  constructor(model: CaptureModel, situation: CurrentSituation) {
    this.#model = model;
    this.#situation = situation;
    this.#item.name = "Tinytap";
    this.#disposables = [
      this.#item,
      model.state.onChange((state) => {
        this.#meter.take("status" in state ? state.status : undefined, performance.now());
        clearTimeout(this.#silence);
        this.#silence = setTimeout(() => this.#show(), silence + 1);
        this.#show();
      }),
      situation.onChange(() => this.#show()),
      model.exchanges.onChange(() => {
        this.#timer ??= setTimeout(() => this.#show(), refreshInterval);
      }),
    ];
    this.#show();
    this.#item.show();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { state, exchanges } = this.#model;
    const { icon, background, actions } = looks[state.current.phase];
    const { total } = exchanges;
    this.#item.text = `$(${icon}) Tinytap${total > 0 ? ` ${countText(total)}` : ""}`;
    this.#item.tooltip = this.#tooltip();
    this.#item.command = actionCommands[actions[0]];
    this.#item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
  }

  #tooltip(): vscode.MarkdownString {
    const { state: current, programs } = this.#situation.current;
    const actions: Action[] = [...looks[current.phase].actions, "showLog"];
    const links = actions.map((action) => `[${actionTitles[action]}](command:${actionCommands[action]})`);
    const markdown = new vscode.MarkdownString();
    markdown.isTrusted = { enabledCommands: actions.map((action) => actionCommands[action]) };
    return markdown
      .appendText(detailsText(current, { programs, cost: this.#meter.cost(performance.now()) }))
      .appendMarkdown(`\n\n${links.join(" · ")}`);
  }
}
