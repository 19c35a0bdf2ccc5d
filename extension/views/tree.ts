/**
 * The open recordings, each above its exchanges, and the live list of exchanges, the newest first: so it is live without scrolling, which VS Code does only for a view that
 * it brings to the front. While a row is selected, or when the reader says so, it holds still, and counts what is new.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { lookOf } from "../../protocol/states.ts";
import type { ExchangeRow, Exchanges, ExchangesChange } from "../model/exchanges.ts";
import { otherEndOf } from "../model/other-ends.ts";
import { Pace } from "../model/pace.ts";
import { recordingText, recordingTooltip } from "../model/recording-text.ts";
import { RecordedRows, recordingRow } from "../model/recorded-rows.ts";
import type { OpenRecording, Recordings } from "../model/recordings.ts";
import { isKey, olderRow, rowsOf, runRow, RowWindow, type Row } from "../model/row-window.ts";
import { partsOf, runText, type ExchangeKey, type Run } from "../model/run.ts";
import { countText, messageText, rowText, sentenceText, tooltipText } from "../model/text.ts";
import { command, contextKey, view } from "../names.ts";

/** Milliseconds between two looks at how long the exchanges in flight have been so. */
const tick = 1000;
/** Milliseconds that a selection may take to be known, and between two looks. */
const patience = 2000;
const step = 20;

export class ExchangeTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #exchanges: Exchanges;
  readonly #recordings: Recordings;
  readonly #recorded: RecordedRows;
  readonly #loadOlder: (before: ExchangeKey) => Promise<void>;
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
  /** Those that VS Code has as in flight. */
  #inFlight = new Set<Row>();
  #message = "";
  #selected: Row | undefined;
  /** What VS Code's conditions know. */
  #following: boolean | undefined;
  #older = 0;

  readonly onDidChangeTreeData = this.#changed.event;

  /** `loadOlder`: adds rows that were not sent. */
  constructor(
    exchanges: Exchanges,
    recordings: Recordings,
    loadOlder: (before: ExchangeKey) => Promise<void>,
  ) {
    this.#exchanges = exchanges;
    this.#recordings = recordings;
    this.#recorded = new RecordedRows(recordings);
    this.#loadOlder = loadOlder;
    this.#window = new RowWindow(exchanges);
    this.#view = vscode.window.createTreeView(view.exchanges, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      exchanges.onChange((change) => this.#take(change)),
      recordings.onChange(() => this.#schedule()),
      this.#view.onDidChangeVisibility(() => this.#schedule()),
      this.#view.onDidChangeSelection(() => this.#heedSelection()),
    ];
    this.follow();
  }

  follow(): void {
    this.#window.follow();
    this.#showHold();
  }

  /** Holds what is on screen, which may be a little older than the newest. */
  hold(): void {
    const newest = this.#given.find(isKey);
    if (newest !== undefined) this.#window.hold(newest);
    this.#showHold();
  }

  /** Of a recording, or of what is captured: then it asks first for the rows that came too fast to be sent. */
  async showOlder(recorded?: Row): Promise<void> {
    if (recorded !== undefined)
      return this.#move(recorded, (recording) => this.#recorded.showOlder(recording));
    const oldest = this.#window.rows().shown.at(-1)?.key;
    if (this.#exchanges.unsent > 0 && oldest !== undefined) await this.#loadOlder(oldest);
    this.#window.showOlder();
    this.#showHold();
  }

  /** Goes back to the newest of a recording, where its older ones took their place. */
  showNewest(recorded: Row): void {
    this.#move(recorded, (recording) => this.#recorded.showNewest(recording));
  }

  /** Selects a recording's row and scrolls to it; the view must be in front. */
  async reveal(recording: OpenRecording): Promise<void> {
    const row = recordingRow(recording);
    for (let waited = 0; waited < patience; waited += step) {
      // VS Code refuses a row that has not come to its window yet.
      const shown = this.#given.includes(row) && (await this.#reveal(row));
      if (shown) return;
      await sleep(step);
    }
  }

  /** The exchange that is selected. */
  async selected(): Promise<ExchangeKey | undefined> {
    const row = await this.selectedRow();
    return row !== undefined && isKey(row) ? row : undefined;
  }

  /** While VS Code takes the rows anew it knows of none: then as soon as it does. */
  async selectedRow(): Promise<Row | undefined> {
    for (let waited = 0; this.#view.selection.length === 0 && waited < patience; waited += step)
      await sleep(step);
    return this.#view.selection[0];
  }

  /** The recording that a row tells of, or belongs to. */
  recordingOf(row: Row | undefined): OpenRecording | undefined {
    if (row === undefined) return undefined;
    return isKey(row) ? this.#recordings.numbered(partsOf(row).source) : this.#recorded.of(row);
  }

  getChildren(element?: Row): Row[] {
    if (element !== undefined) return this.#recorded.below(element);
    this.#given = this.#rows();
    this.#stale.clear();
    this.#inFlight.clear();
    this.#pace.ask(performance.now());
    // The wait for VS Code to ask is over: what has changed meanwhile has its turn earlier.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#schedule();
    return this.#given;
  }

  /** VS Code wants to know it where it is to reveal a row. */
  getParent(row: Row): Row | undefined {
    const recording = this.recordingOf(row);
    const parent = recording && recordingRow(recording);
    return parent === row ? undefined : parent;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row === olderRow) return moreItem(row, this.#older, "older", command.showOlder);
    const exchange = isKey(row) ? this.#exchange(row) : undefined;
    if (exchange !== undefined) return this.#item(exchange);
    const recording = this.#recorded.of(row);
    if (recording !== undefined) return this.#recordedItem(row, recording);
    const run = this.#exchanges.runs.find((each) => runRow(each) === row);
    return run ? runItem(run) : new vscode.TreeItem("(no longer kept)");
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    const exchange = isKey(row) ? this.#exchange(row) : undefined;
    if (exchange !== undefined)
      item.tooltip = tooltipText(
        exchange,
        otherEndOf(exchange, (key) => this.#exchange(key)),
      );
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #reveal(row: Row): Thenable<boolean> {
    return this.#view.reveal(row, { select: true, focus: true, expand: true }).then(
      () => true,
      () => false,
    );
  }

  #exchange(key: ExchangeKey): ExchangeRow | undefined {
    return this.#exchanges.get(key) ?? this.#recordings.get(key);
  }

  #recordedItem(row: Row, recording: OpenRecording): vscode.TreeItem {
    const { newer, older } = this.#recorded.counts(recording);
    if (row.startsWith("newer")) return moreItem(row, newer, "newer", command.showNewest);
    if (row.startsWith("older")) return moreItem(row, older, "older", command.showOlder);
    return recordingItem(row, recording);
  }

  #move(row: Row, move: (recording: OpenRecording) => void): void {
    const recording = this.#recorded.of(row);
    if (recording === undefined) return;
    move(recording);
    this.#stale.add(recordingRow(recording));
    this.#schedule();
  }

  #item(exchange: ExchangeRow): vscode.TreeItem {
    const now = Date.now();
    const { icon, color } = lookOf(exchange);
    const { label, description } = rowText(exchange, now, { indented: this.#recorded.heads.length > 0 });
    const item = new vscode.TreeItem(label);
    item.id = exchange.key;
    item.description = description;
    item.iconPath = new vscode.ThemeIcon(
      icon,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
    item.accessibilityInformation = { label: sentenceText(exchange, now) };
    item.contextValue = "exchange";
    item.command = { command: command.open, title: "Open Exchange" };
    // Of a row that is named as changed VS Code's extension host forgets the arguments before the window has the new row: a
    // click in between would open nothing. So what is in flight has none (the selection tells which it is), and only that is
    // named; of all rows taken anew the arguments are kept until the next time.
    if (exchange.state === "in-flight") this.#inFlight.add(exchange.key);
    else {
      this.#inFlight.delete(exchange.key);
      item.command.arguments = [exchange.key];
    }
    return item;
  }

  /**
   * While VS Code takes the rows anew its extension host knows none of them, and says that nothing is selected whatever is:
   * that isn't heeded, and the selection is looked at once more at each refresh.
   */
  #heedSelection(): void {
    const [selected] = this.#view.selection;
    if (selected === this.#selected || (selected === undefined && this.#pace.isAwaited)) return;
    this.#selected = selected;
    // What is captured doesn't move the recordings, which stand above it.
    if (selected === undefined || this.recordingOf(selected)) this.follow();
    else this.hold();
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

  #take({ changed }: ExchangesChange): void {
    for (const key of changed) this.#stale.add(key);
    this.#schedule();
  }

  #tick(): void {
    if (!this.#view.visible) return;
    for (const row of this.#inFlight) this.#stale.add(row);
    if (this.#inFlight.size > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#view.visible && this.#timer === undefined)
      this.#refreshIn(this.#wait(performance.now(), this.#rows()));
  }

  #refreshIn(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#refresh(), milliseconds);
  }

  #wait(now: number, rows: Row[]): number {
    const top = this.#given.find(isKey);
    const fresh = top === undefined ? 0 : rows.filter(isKey).indexOf(top);
    // Not among them any more: a whole window of rows has come.
    return this.#pace.wait(now, fresh < 0 ? rows.length : fresh);
  }

  #refresh(): void {
    this.#timer = undefined;
    const now = performance.now();
    const wait = this.#wait(now, this.#rows());
    if (wait > 0) return this.#refreshIn(wait);
    this.#heedSelection();
    const rows = this.#rows();
    // What was held may just have gone.
    this.#tellContext();
    const same = rows.length === this.#given.length && rows.every((row, i) => row === this.#given[i]);
    const stale = rows.filter((row) => this.#stale.has(row));
    this.#stale.clear();
    const all = !same || !stale.every((row) => this.#inFlight.has(row));
    if (all) this.#changed.fire(undefined);
    else if (stale.length > 0) this.#changed.fire(stale);
    // After the rows: to VS Code it is one more event, and of several at once only the first goes through without delay.
    const said = this.#showMessage();
    if (all || stale.length > 0 || said) this.#pace.tell(now, all);
  }

  #rows(): Row[] {
    const rows = this.#window.rows();
    if (rows.older !== this.#older) this.#stale.add(olderRow);
    this.#older = rows.older;
    const { heads } = this.#recorded;
    return [...heads, ...rowsOf(rows, heads.length > 0)];
  }

  /** Gives whether it has changed. */
  #showMessage(): boolean {
    const { total, givenUp } = this.#exchanges;
    // VS Code shows the welcome text only where there is no message.
    const message = total > 0 ? messageText({ total, newer: this.#window.rows().newer, givenUp }) : "";
    if (message === this.#message) return false;
    this.#message = message;
    this.#view.message = message;
    return true;
  }
}

function runItem(run: Run): vscode.TreeItem {
  const item = new vscode.TreeItem(runText(run));
  item.id = runRow(run);
  item.contextValue = "run";
  return item;
}

function recordingItem(row: Row, recording: OpenRecording): vscode.TreeItem {
  const item = new vscode.TreeItem(recording.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = row;
  item.description = recordingText(recording);
  item.tooltip = recordingTooltip(recording);
  item.iconPath =
    recording.recorded.problem === undefined
      ? new vscode.ThemeIcon("file")
      : new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  item.accessibilityInformation = { label: `Recording ${recording.name}, ${recordingText(recording)}` };
  item.contextValue = "recording";
  return item;
}

/** Stands for rows that are not shown. */
function moreItem(row: Row, count: number, which: "newer" | "older", name: string): vscode.TreeItem {
  const label = `${countText(count)} ${which} exchanges`;
  const item = new vscode.TreeItem(label);
  item.id = row;
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.command = { command: name, title: label, arguments: row === olderRow ? [] : [row] };
  return item;
}
