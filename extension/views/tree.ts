/**
 * The live list of exchanges. The newest is last, as in every network panel: time runs downward, and a row never
 * moves under the pointer because another came. The list follows its end until an older row is selected or the reader
 * says so (VS Code doesn't tell of scrolling); from then on it stands still, and grows at its end.
 */
import * as vscode from "vscode";
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { stateText } from "../../protocol/reasons.ts";
import type { ExchangeRow, Exchanges, ExchangesChange } from "../model/exchanges.ts";
import type { ExchangeKey } from "../model/run.ts";
import { descriptionText, labelText, oneLine } from "../model/text.ts";
import { command, contextKey, view } from "../names.ts";

/** The exchange's key, or a row that stands for those not shown. */
type Row = ExchangeKey | "older" | "newer";
const olderRow = "older" as const;
const newerRow = "newer" as const;

const refreshInterval = 100;

/** Rows shown while following, and added by each click on "older". VS Code takes every row anew when one comes. */
const rowsPerStep = 500;
const mostRows = 4 * rowsPerStep;

export class ExchangeTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #exchanges: Exchanges;
  readonly #loadOlder: (before: ExchangeKey) => Promise<void>;
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #view: vscode.TreeView<Row>;
  readonly #disposables: { dispose(): void }[];
  #timer: NodeJS.Timeout | undefined;
  #pending: { structure: boolean; keys: Set<ExchangeKey> } = { structure: false, keys: new Set() };
  /** The key from which on rows are shown, or `oldest`; absent while following. */
  #anchor: ExchangeKey | "oldest" | undefined;
  #window: { older: number; shown: ExchangeRow[]; newer: number } = { older: 0, shown: [], newer: 0 };

  readonly onDidChangeTreeData = this.#changed.event;

  /** `loadOlder`: adds rows that were not sent. */
  constructor(exchanges: Exchanges, loadOlder: (before: ExchangeKey) => Promise<void>) {
    this.#exchanges = exchanges;
    this.#loadOlder = loadOlder;
    this.#view = vscode.window.createTreeView(view.exchanges, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      exchanges.onChange((change) => this.#take(change)),
      this.#view.onDidChangeVisibility(() => this.#schedule()),
      this.#view.onDidChangeSelection(({ selection }) => {
        if (selection.length > 0 && selection[0] !== this.#newest()) this.unfollow();
      }),
    ];
    this.follow();
  }

  follow(): void {
    this.#setAnchor(undefined);
  }

  unfollow(): void {
    if (this.#anchor === undefined) this.#setAnchor(this.#window.shown[0]?.key ?? "oldest");
  }

  /** Asks first for the rows that came too fast to be sent. */
  async showOlder(): Promise<void> {
    const oldest = this.#window.shown[0]?.key;
    if (this.#exchanges.unsent > 0 && oldest !== undefined) await this.#loadOlder(oldest);
    const all = this.#exchanges.all();
    this.#setAnchor(all[Math.max(0, this.#window.older - rowsPerStep)]?.key ?? "oldest");
  }

  getChildren(element?: Row): Row[] {
    if (element !== undefined) return [];
    const all = this.#exchanges.all();
    const anchor = this.#anchor;
    const older =
      anchor === undefined
        ? Math.max(0, all.length - rowsPerStep)
        : Math.max(
            0,
            all.findIndex(({ key }) => key === anchor),
          );
    const shown = all.slice(older, older + mostRows);
    this.#window = { older, shown, newer: all.length - older - shown.length };
    return [
      ...(older + this.#exchanges.unsent > 0 ? [olderRow] : []),
      ...shown.map(({ key }) => key),
      ...(this.#window.newer > 0 ? [newerRow] : []),
    ];
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const { older, newer } = this.#window;
    if (row === olderRow)
      return moreItem(row, `${older + this.#exchanges.unsent} older exchanges`, command.showOlder);
    if (row === newerRow) return moreItem(row, `${newer} newer exchanges`, command.follow);
    const summary = this.#exchanges.get(row);
    return summary ? this.#item(summary) : new vscode.TreeItem("(no longer kept)");
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #item(summary: ExchangeRow): vscode.TreeItem {
    const item = new vscode.TreeItem(labelText(summary));
    item.id = summary.key;
    item.description = descriptionText(summary);
    item.tooltip = tooltipText(summary);
    item.iconPath = icon(summary);
    item.contextValue = "exchange";
    item.command = { command: command.open, title: "Open Exchange", arguments: [summary.key] };
    return item;
  }

  #setAnchor(anchor: ExchangeKey | "oldest" | undefined): void {
    this.#anchor = anchor;
    void vscode.commands.executeCommand("setContext", contextKey.following, anchor === undefined);
    this.#take({ structure: true, changed: [] });
  }

  #take({ structure, changed }: ExchangesChange): void {
    this.#pending.structure ||= structure;
    for (const key of changed) this.#pending.keys.add(key);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#view.visible) this.#timer ??= setTimeout(() => this.#refresh(), refreshInterval);
  }

  #refresh(): void {
    this.#timer = undefined;
    const { structure, keys } = this.#pending;
    this.#pending = { structure: false, keys: new Set() };
    // An emptied list begins anew.
    if (this.#exchanges.size === 0 && this.#anchor !== undefined) this.follow();
    if (structure) this.#changed.fire(undefined);
    else if (keys.size > 0) this.#changed.fire([...keys]);
    const newest = this.#newest();
    if (structure && this.#anchor === undefined && newest !== undefined)
      // Revealing would open a hidden view; and a row that has just gone can't be revealed, which is no fault.
      this.#view.reveal(newest, { select: false, focus: false }).then(undefined, () => undefined);
  }

  #newest(): Row | undefined {
    return this.#exchanges.newestKey;
  }
}

function moreItem(row: Row, label: string, name: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = row;
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.command = { command: name, title: label };
  return item;
}

function icon({ role, state, status }: ExchangeSummary): vscode.ThemeIcon {
  if (state === "in-flight") return new vscode.ThemeIcon("loading~spin");
  if (state !== "complete")
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

  const lines = [
    oneLine(`${method ?? "(request not seen)"} ${target ?? ""}`, 1000),
    host === undefined ? "" : `Host: ${oneLine(host)}`,
    status === undefined ? "" : `Status: ${status}`,
    contentType === undefined ? "" : `Type: ${oneLine(contentType)}`,
    status === undefined
      ? ""
      : `Response body: ${sizeText(size)}${incomplete ? " (some bytes were not captured)" : ""}`,
    `Started: ${new Date(start).toLocaleTimeString()}${duration === undefined ? "" : `, took ${durationText(duration)}`}`,
    `${role === "server" ? "Received" : "Sent"} by ${oneLine(process)}[${pid}]; ${stateText[state]}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}
