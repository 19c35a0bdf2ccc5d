/**
 * The live list of exchanges, the newest first: so it is live without scrolling, which VS Code does only for a view that
 * it brings to the front. While a row is selected, or when the reader says so, it holds still, and counts what is new.
 */
import * as vscode from "vscode";
import type { ExchangeSummary } from "../../protocol/exchange.ts";
import type { Requests } from "../../protocol/rpc.ts";
import { lookOf } from "../../protocol/states.ts";
import type { Exchanges, ExchangesChange } from "../model/exchanges.ts";
import { Pace } from "../model/pace.ts";
import { RowWindow } from "../model/row-window.ts";
import { descriptionText, labelText, messageText, sentenceText, tooltipText } from "../model/text.ts";
import { command, contextKey, view } from "../names.ts";

type ListParams = Requests["tinytap/list"][0];
type ListResult = Requests["tinytap/list"][1];

/** The exchange's id as text (a falsy element means the root to VS Code), or the row that stands for those not shown. */
type Row = string;
const olderRow: Row = "older";

/** Milliseconds between two looks at how long the exchanges in flight have been so. */
const tick = 1000;

export class ExchangeTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #exchanges: Exchanges;
  readonly #list: (params: ListParams) => Promise<ListResult>;
  readonly #window: RowWindow;
  readonly #pace = new Pace();
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #view: vscode.TreeView<Row>;
  readonly #disposables: { dispose(): void }[];
  readonly #ticker = setInterval(() => this.#tick(), tick);
  #timer: NodeJS.Timeout | undefined;
  /** The rows that VS Code has, and those of them that have changed since. */
  #given: Row[] = [];
  #stale = new Set<Row>();
  #message = "";
  /** What VS Code's conditions know. */
  #following: boolean | undefined;
  #older = 0;

  readonly onDidChangeTreeData = this.#changed.event;

  /** `list`: gives rows that were not sent. */
  constructor(exchanges: Exchanges, list: (params: ListParams) => Promise<ListResult>) {
    this.#exchanges = exchanges;
    this.#list = list;
    this.#window = new RowWindow(exchanges);
    this.#view = vscode.window.createTreeView(view.exchanges, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      exchanges.onChange((change) => this.#take(change)),
      this.#view.onDidChangeVisibility(() => this.#schedule()),
      this.#view.onDidChangeSelection(({ selection }) =>
        selection.length > 0 ? this.hold() : this.follow(),
      ),
    ];
    this.follow();
  }

  follow(): void {
    this.#window.follow();
    this.#showHold();
  }

  /** Holds what is on screen, which may be a little older than the newest. */
  hold(): void {
    const newest = this.#given.find((row) => row !== olderRow);
    if (newest !== undefined) this.#window.hold(Number(newest));
    this.#showHold();
  }

  /** Asks first for the rows that came too fast to be sent. */
  async showOlder(): Promise<void> {
    const oldest = this.#window.rows().shown.at(-1)?.id;
    if (this.#exchanges.unsent > 0 && oldest !== undefined) {
      const { exchanges } = await this.#list({ before: oldest });
      this.#exchanges.add(exchanges);
    }
    this.#window.showOlder();
    this.#showHold();
  }

  getChildren(element?: Row): Row[] {
    if (element !== undefined) return [];
    this.#given = this.#rows();
    this.#stale.clear();
    this.#pace.ask(performance.now());
    // The wait for VS Code to ask is over: what has changed meanwhile has its turn earlier.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#schedule();
    return this.#given;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row === olderRow) return olderItem(this.#older);
    const summary = this.#exchanges.get(Number(row));
    return summary ? this.#item(summary) : new vscode.TreeItem("(no longer kept)");
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    const summary = this.#exchanges.get(Number(row));
    if (summary !== undefined) item.tooltip = tooltipText(summary);
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #item(summary: ExchangeSummary): vscode.TreeItem {
    const now = Date.now();
    const { icon, color } = lookOf(summary);
    const item = new vscode.TreeItem(labelText(summary));
    // A capture counts its exchanges from the start: its rows must not take over the selection of an earlier one's.
    item.id = `${this.#exchanges.generation}:${summary.id}`;
    item.description = descriptionText(summary, now);
    item.iconPath = new vscode.ThemeIcon(
      icon,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
    item.accessibilityInformation = { label: sentenceText(summary, now) };
    item.contextValue = "exchange";
    item.command = { command: command.open, title: "Open Exchange", arguments: [summary.id] };
    return item;
  }

  #showHold(): void {
    this.#tellContext();
    this.#schedule();
  }

  #tellContext(): void {
    const following = !this.#window.isHeld;
    if (following === this.#following) return;
    this.#following = following;
    void vscode.commands.executeCommand("setContext", contextKey.following, following);
  }

  #take({ arrived, changed }: ExchangesChange): void {
    this.#pace.arrive(arrived);
    for (const id of changed) this.#stale.add(String(id));
    this.#schedule();
  }

  #tick(): void {
    if (!this.#view.visible) return;
    const inFlight = this.#given.filter((row) => this.#exchanges.get(Number(row))?.state === "in-flight");
    for (const row of inFlight) this.#stale.add(row);
    if (inFlight.length > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#view.visible && this.#timer === undefined) this.#refreshIn(this.#pace.wait(performance.now()));
  }

  #refreshIn(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#refresh(), milliseconds);
  }

  #refresh(): void {
    this.#timer = undefined;
    const now = performance.now();
    const wait = this.#pace.wait(now);
    if (wait > 0) return this.#refreshIn(wait);
    const rows = this.#rows();
    // What was held may just have gone.
    this.#tellContext();
    const same = rows.length === this.#given.length && rows.every((row, i) => row === this.#given[i]);
    const stale = rows.filter((row) => this.#stale.has(row));
    this.#stale.clear();
    if (!same) this.#changed.fire(undefined);
    else if (stale.length > 0) this.#changed.fire(stale);
    // After the rows: to VS Code it is one more event, and of several at once only the first goes through without delay.
    const said = this.#showMessage();
    if (!same || stale.length > 0 || said) this.#pace.tell(now, !same);
  }

  #rows(): Row[] {
    const { shown, older } = this.#window.rows();
    if (older !== this.#older) this.#stale.add(olderRow);
    this.#older = older;
    return [...shown.map(({ id }) => String(id)), ...(older > 0 ? [olderRow] : [])];
  }

  /** Gives whether it has changed. */
  #showMessage(): boolean {
    const all = this.#exchanges.size + this.#exchanges.unsent;
    // VS Code shows the welcome text only where there is no message.
    const message = all > 0 ? messageText(all, this.#window.rows().newer) : "";
    if (message === this.#message) return false;
    this.#message = message;
    this.#view.message = message;
    return true;
  }
}

function olderItem(count: number): vscode.TreeItem {
  const label = `${count} older exchanges`;
  const item = new vscode.TreeItem(label);
  item.id = olderRow;
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.command = { command: command.showOlder, title: label };
  return item;
}
