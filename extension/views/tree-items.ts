/** What the tree's rows look like to VS Code. */
import * as vscode from "vscode";
import { lookOf } from "../../protocol/states.ts";
import type { ExchangeRow } from "../model/exchange-row.ts";
import { recordingText, recordingTooltip } from "../model/recording-text.ts";
import type { OpenRecording } from "../model/recordings.ts";
import { olderRow, runRow, type Row } from "../model/row-window.ts";
import { runText, type Run } from "../model/run.ts";
import { countText, rowText, type RowTextOptions } from "../model/text.ts";
import { sentenceText } from "../../protocol/row-text.ts";
import { command } from "../names.ts";

export function exchangeItem(exchange: ExchangeRow, options: RowTextOptions): vscode.TreeItem {
  const now = Date.now();
  const { icon, color } = lookOf(exchange);
  const { label, description } = rowText(exchange, now, options);
  const item = new vscode.TreeItem(label);
  item.id = exchange.key;
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.accessibilityInformation = { label: sentenceText(exchange, now) };
  item.contextValue = "exchange";
  item.command = { command: command.open, title: "Open Exchange" };
  // Of a row that is named as changed VS Code's extension host forgets the arguments before the window has the new row: a
  // click in between would open nothing. So what is in flight has none (the selection tells which it is), and only that is
  // named; of all rows taken anew the arguments are kept until the next time.
  if (exchange.state !== "in-flight") item.command.arguments = [exchange.key];
  return item;
}

export function runItem(run: Run): vscode.TreeItem {
  const item = new vscode.TreeItem(runText(run));
  item.id = runRow(run);
  item.contextValue = "run";
  return item;
}

/** `passing`: of its rows those that pass the filter. */
export function recordingItem(row: Row, recording: OpenRecording, passing: number): vscode.TreeItem {
  const item = new vscode.TreeItem(recording.name, vscode.TreeItemCollapsibleState.Expanded);
  const text = recordingText(recording, passing);
  item.id = row;
  item.description = text;
  item.tooltip = recordingTooltip(recording);
  item.iconPath =
    recording.recorded.problem === undefined
      ? new vscode.ThemeIcon("file")
      : new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  item.accessibilityInformation = { label: `Recording ${recording.name}, ${text}` };
  item.contextValue = "recording";
  // Without a command it would fold whenever a key comes to it.
  item.command = { command: command.fold, title: "Fold" };
  return item;
}

/** Stands for rows that are not shown. */
export function moreItem(row: Row, count: number, which: "newer" | "older"): vscode.TreeItem {
  const label = `${countText(count)} ${which} exchanges`;
  const item = new vscode.TreeItem(label);
  item.id = row;
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.command = {
    command: which === "newer" ? command.showNewest : command.showOlder,
    title: label,
    arguments: row === olderRow ? [] : [row],
  };
  return item;
}
