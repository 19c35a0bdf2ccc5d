/** The capture in one glance: its state and the number of exchanges. */
import * as vscode from "vscode";
import { sizeText } from "../../protocol/format.ts";
import type { CaptureStatus } from "../../protocol/capture.ts";
import type { CaptureState } from "../model/capture-state.ts";
import type { CaptureModel } from "../model/capture-model.ts";
import { command, focusExchanges } from "../names.ts";

const refreshInterval = 200;

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
    const state = this.#model.state.current;
    const count = this.#model.exchanges.size;
    this.#item.text = text(state, count);
    this.#item.tooltip = tooltip(state);
    this.#item.command =
      state.phase === "stopped" || state.phase === "failed" ? command.start : focusExchanges;
    this.#item.backgroundColor =
      state.phase === "failed" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  }
}

function text({ phase }: CaptureState, count: number): string {
  const icon = {
    stopped: "circle-outline",
    starting: "loading~spin",
    capturing: "record",
    failed: "warning",
  }[phase];
  return `$(${icon}) Tinytap${count > 0 ? ` ${count}` : ""}`;
}

function tooltip(state: CaptureState): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: [command.start, command.stop, command.showLog] };
  const log = `[Show Log](command:${command.showLog})`;
  if (state.phase === "capturing") {
    markdown
      .appendText(statusText(state.status))
      .appendMarkdown(`\n\n[Stop Capture](command:${command.stop}) · ${log}`);
  } else if (state.phase === "starting") {
    markdown.appendText("Tinytap: starting the capture").appendMarkdown(`\n\n${log}`);
  } else {
    const why = state.phase === "failed" ? state.message : "Tinytap: not capturing";
    markdown.appendText(why).appendMarkdown(`\n\n[Start Capture](command:${command.start}) · ${log}`);
  }
  return markdown;
}

function statusText({ targets, sources, tally }: CaptureStatus): string {
  const lost = Object.entries(tally.lost).map(([reason, count]) => `${reason} ${count}`);
  const off = sources
    .filter((source) => !source.on)
    .map(({ name, reason }) => `${name} is off: ${reason ?? "unknown"}`);
  return [
    `Tinytap: capturing ${targets.length} ${targets.length === 1 ? "process" : "processes"}`,
    `${tally.exchanges} exchanges ended, ${tally.inFlight} in flight, ${sizeText(tally.bytes)} seen`,
    `${sizeText(tally.memory.used)} of ${sizeText(tally.memory.size)} of memory taken, ${sizeText(tally.memory.pinned)} of it pinned`,
    ...(lost.length > 0 ? [`Lost: ${lost.join(", ")}`] : []),
    ...off,
  ].join("\n\n");
}
