/**
 * The live list of exchanges. The newest is last, as in every network panel: time runs downward, and a row never
 * moves under the pointer because another came. The list follows its end until an older row is selected or the reader
 * says so (VS Code doesn't tell of scrolling); from then on it stands still, and grows at its end.
 */
import * as vscode from "vscode";
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { stateText } from "../../protocol/reasons.ts";
import type { Requests } from "../../protocol/rpc.ts";
import type { Exchanges, ExchangesChange } from "../model/exchanges.ts";
import { descriptionText, labelText, oneLine } from "../model/text.ts";
import { command, contextKey, view } from "../names.ts";

type ListParams = Requests["tinytap/list"][0];
type ListResult = Requests["tinytap/list"][1];

/** The exchange's id as text (a falsy element means the root to VS Code), or a row that stands for those not shown. */
type Row = string;
const olderRow: Row = "older";
const newerRow: Row = "newer";

const refreshInterval = 100;

/** Rows shown while following, and added by each click on "older". VS Code takes every row anew when one comes. */
const rowsPerStep = 500;
const mostRows = 4 * rowsPerStep;

export class ExchangeTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #exchanges: Exchanges;
  readonly #list: (params: ListParams) => Promise<ListResult>;
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #view: vscode.TreeView<Row>;
  readonly #disposables: { dispose(): void }[];
  #timer: NodeJS.Timeout | undefined;
  #pending: { structure: boolean; ids: Set<number> } = { structure: false, ids: new Set() };
  /** The id from which on rows are shown; absent while following. */
  #anchor: number | undefined;
  #window: { older: number; shown: ExchangeSummary[]; newer: number } = { older: 0, shown: [], newer: 0 };

  readonly onDidChangeTreeData = this.#changed.event;

  /** `list`: gives rows that were not sent. */
  constructor(exchanges: Exchanges, list: (params: ListParams) => Promise<ListResult>) {
    this.#exchanges = exchanges;
    this.#list = list;
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
    if (this.#anchor === undefined) this.#setAnchor(this.#window.shown[0]?.id ?? 0);
  }

  /** Asks first for the rows that came too fast to be sent. */
  async showOlder(): Promise<void> {
    const oldest = this.#window.shown[0]?.id;
    if (this.#exchanges.unsent > 0 && oldest !== undefined) {
      const { exchanges } = await this.#list({ before: oldest });
      this.#exchanges.add(exchanges);
    }
    const all = this.#exchanges.all();
    this.#setAnchor(all[Math.max(0, this.#window.older - rowsPerStep)]?.id ?? 0);
  }

  getChildren(element?: Row): Row[] {
    if (element !== undefined) return [];
    const all = this.#exchanges.all();
    const anchor = this.#anchor;
    const older =
      anchor === undefined
        ? Math.max(0, all.length - rowsPerStep)
        : all.filter(({ id }) => id < anchor).length;
    const shown = all.slice(older, older + mostRows);
    this.#window = { older, shown, newer: all.length - older - shown.length };
    return [
      ...(older + this.#exchanges.unsent > 0 ? [olderRow] : []),
      ...shown.map(({ id }) => String(id)),
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

  #setAnchor(anchor: number | undefined): void {
    this.#anchor = anchor;
    void vscode.commands.executeCommand("setContext", contextKey.following, anchor === undefined);
    this.#take({ structure: true, changed: [] });
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
    // An emptied list begins anew.
    if (this.#exchanges.size === 0 && this.#anchor !== undefined) this.follow();
    if (structure) this.#changed.fire(undefined);
    else if (ids.size > 0) this.#changed.fire([...ids].map(String));
    const newest = this.#newest();
    if (structure && this.#anchor === undefined && newest !== undefined)
      // Revealing would open a hidden view; and a row that has just gone can't be revealed, which is no fault.
      this.#view.reveal(newest, { select: false, focus: false }).then(undefined, () => undefined);
  }

  #newest(): Row | undefined {
    const id = this.#exchanges.newestId;
    return id === undefined ? undefined : String(id);
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
