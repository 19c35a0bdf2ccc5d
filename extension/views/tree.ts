/**
 * The live list of exchanges. The newest is last, as in every network panel: time runs downward, and a row never
 * moves under the pointer because another came. The list follows its end until an older row is selected.
 */
import * as vscode from "vscode";
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import type { Exchanges, ExchangesChange } from "../model/exchanges.ts";
import { descriptionText, labelText, oneLine } from "../model/text.ts";
import { command, view } from "../names.ts";

/** The exchange's id as text (a falsy element means the root to VS Code), or the row that stands for older ones. */
type Row = string;
const olderRow: Row = "older";

const refreshInterval = 100;

/** Rows shown at first, and added by each click on "older": VS Code takes every row anew when one comes. */
const rowsPerStep = 500;

export class ExchangeTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #exchanges: Exchanges;
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #view: vscode.TreeView<Row>;
  readonly #disposables: { dispose(): void }[];
  #timer: NodeJS.Timeout | undefined;
  #pending: { structure: boolean; ids: Set<number> } = { structure: false, ids: new Set() };
  #limit = rowsPerStep;
  #following = true;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
    this.#view = vscode.window.createTreeView(view.exchanges, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      exchanges.onChange((change) => this.#take(change)),
      this.#view.onDidChangeVisibility(() => this.#schedule()),
      this.#view.onDidChangeSelection(({ selection }) => {
        this.#following = selection.length === 0 || selection[0] === this.#newest();
      }),
    ];
  }

  showOlder(): void {
    this.#limit += rowsPerStep;
    this.#take({ structure: true, changed: [] });
  }

  getChildren(element?: Row): Row[] {
    if (element !== undefined) return [];
    const all = this.#exchanges.all();
    const rows = all.slice(-this.#limit).map(({ id }) => String(id));
    return all.length > rows.length ? [olderRow, ...rows] : rows;
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row === olderRow) return this.#olderItem();
    const summary = this.#exchanges.get(Number(row));
    return summary ? this.#item(summary) : new vscode.TreeItem("(no longer kept)");
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #item(summary: ExchangeSummary): vscode.TreeItem {
    const item = new vscode.TreeItem(labelText(summary));
    // A capture counts its exchanges from the start: its rows must not take over the selection of an earlier one's.
    item.id = `${this.#exchanges.generation}:${summary.id}`;
    item.description = descriptionText(summary);
    item.tooltip = tooltipText(summary);
    item.iconPath = icon(summary);
    item.contextValue = "exchange";
    item.command = { command: command.open, title: "Open Exchange", arguments: [summary.id] };
    return item;
  }

  #olderItem(): vscode.TreeItem {
    const item = new vscode.TreeItem(`${this.#exchanges.size - this.#limit} older exchanges`);
    item.id = olderRow;
    item.iconPath = new vscode.ThemeIcon("ellipsis");
    item.tooltip = `Show ${rowsPerStep} more`;
    item.command = { command: command.showOlder, title: "Show Older Exchanges" };
    return item;
  }

  #take({ structure, changed }: ExchangesChange): void {
    this.#pending.structure ||= structure;
    for (const id of changed) this.#pending.ids.add(id);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#view.visible) this.#timer ??= setTimeout(() => this.#refresh(), refreshInterval);
  }

  #refresh(): void {
    this.#timer = undefined;
    const { structure, ids } = this.#pending;
    this.#pending = { structure: false, ids: new Set() };
    if (this.#exchanges.size === 0) {
      this.#limit = rowsPerStep;
      this.#following = true;
    }
    if (structure) this.#changed.fire(undefined);
    else if (ids.size > 0) this.#changed.fire([...ids].map(String));
    const newest = this.#newest();
    if (structure && this.#following && newest !== undefined)
      // Revealing would open a hidden view; and a row that has just gone can't be revealed, which is no fault.
      this.#view.reveal(newest, { select: false, focus: false }).then(undefined, () => undefined);
  }

  #newest(): Row | undefined {
    const id = this.#exchanges.newestId;
    return id === undefined ? undefined : String(id);
  }
}

function icon({ role, state, status }: ExchangeSummary): vscode.ThemeIcon {
  if (state === "in-flight") return new vscode.ThemeIcon("loading~spin");
  if (state === "broken")
    return new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  return new vscode.ThemeIcon(role === "server" ? "arrow-down" : "arrow-up", statusColor(status));
}

function statusColor(status = 0): vscode.ThemeColor | undefined {
  if (status >= 500) return new vscode.ThemeColor("charts.red");
  if (status >= 400) return new vscode.ThemeColor("charts.orange");
  if (status >= 300) return new vscode.ThemeColor("charts.blue");
  return status >= 200 ? new vscode.ThemeColor("charts.green") : undefined;
}

/** Plain text: captured text in Markdown could bring links and pictures. */
function tooltipText(summary: ExchangeSummary): string {
  const {
    method,
    target,
    host,
    status,
    contentType,
    size,
    duration,
    start,
    process,
    pid,
    role,
    state,
    incomplete,
  } = summary;
  const stateText = { "in-flight": "in flight", complete: "complete", broken: "broken off" }[state];
  const lines = [
    oneLine(`${method ?? "(request not seen)"} ${target ?? ""}`, 1000),
    host === undefined ? "" : `Host: ${oneLine(host)}`,
    status === undefined ? "" : `Status: ${status}`,
    contentType === undefined ? "" : `Type: ${oneLine(contentType)}`,
    status === undefined
      ? ""
      : `Response body: ${sizeText(size)}${incomplete ? " (some bytes were not captured)" : ""}`,
    `Started: ${new Date(start).toLocaleTimeString()}${duration === undefined ? "" : `, took ${durationText(duration)}`}`,
    `${role === "server" ? "Received" : "Sent"} by ${oneLine(process)}[${pid}]; ${stateText}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}
