/**
 * The open recordings, each above its exchanges, and the live list of exchanges, the newest first: so it is live without scrolling, which VS Code does only for a view that
 * it brings to the front. While a row is selected, or when the reader says so, it holds still, and counts what is new.
 */
import * as vscode from "vscode";
import type { ExchangeRow } from "../model/exchange-row.ts";
import type { Exchanges } from "../model/exchanges.ts";
import type { CurrentSituation } from "../model/current-situation.ts";
import type { CurrentFilter } from "../model/filter/current-filter.ts";
import { otherEndOf } from "../model/other-ends.ts";
import { Pace } from "../model/pace.ts";
import type { ProcessNames } from "../model/process-names.ts";
import { RecordedRows, recordingRow } from "../model/recorded-rows.ts";
import type { OpenRecording, Recordings } from "../model/recordings.ts";
import { RowList } from "../model/row-list.ts";
import type { RowChange } from "../model/row-source.ts";
import { isKey, olderRow, rowsOf, runRow, RowWindow, type Row } from "../model/row-window.ts";
import { partsOf, type ExchangeKey } from "../model/run.ts";
import { tooltipText } from "../model/text.ts";
import { contextKey } from "../names.ts";
import { exchangeItem, moreItem, recordingItem, runItem } from "./tree-items.ts";
import { TreeViews } from "./tree-views.ts";

/** Milliseconds between two looks at how long the exchanges in flight have been so. */
const tick = 1000;

export interface TreeSurroundings {
  exchanges: Exchanges;
  recordings: Recordings;
  filter: CurrentFilter;
  names: ProcessNames;
  situation: CurrentSituation;
}

export class ExchangeTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #exchanges: Exchanges;
  readonly #recordings: Recordings;
  readonly #filter: CurrentFilter;
  readonly #names: ProcessNames;
  readonly #situation: CurrentSituation;
  readonly #recorded: RecordedRows;
  readonly #window: RowWindow;
  readonly #pace = new Pace();
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #views: TreeViews;
  readonly #disposables: { dispose(): void }[];
  readonly #ticker = setInterval(() => this.#tick(), tick);
  #timer: NodeJS.Timeout | undefined;
  /** The rows that VS Code has, and those of them that have changed since. */
  #given: Row[] = [];
  #stale = new Set<Row>();
  /** Those that VS Code has as in flight. */
  #inFlight = new Set<Row>();
  #selected: Row | undefined;
  /** What VS Code's conditions know. */
  #following: boolean | undefined;
  #older = 0;
  /** Several processes are among the rows: each row names its own. */
  #namesProcesses = false;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ exchanges, recordings, filter, names, situation }: TreeSurroundings) {
    this.#exchanges = exchanges;
    this.#recordings = recordings;
    this.#filter = filter;
    this.#names = names;
    this.#situation = situation;
    this.#recorded = new RecordedRows(recordings, filter.passes);
    this.#window = new RowWindow(new RowList(exchanges.listed, filter.passes));
    this.#views = new TreeViews(this);
    this.#disposables = [
      this.#views,
      this.#window.list,
      this.#changed,
      exchanges.listed.onChange((changes) => this.#take(changes)),
      recordings.onChange(() => this.#schedule()),
      filter.onChange(() => this.#refilter()),
      filter.onAnswer((rows) => this.#reconsider(rows)),
      names.onChange(() => this.#renew()),
      situation.onChange(() => this.#schedule()),
      this.#views.onShow(() => this.#schedule()),
      this.#views.onSelect(() => this.#heedSelection()),
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
    if (newest !== undefined) this.#window.hold(this.#exchanges.get(newest));
    this.#showHold();
  }

  /** Of a recording, or of what is captured. */
  showOlder(recorded?: Row): void {
    if (recorded !== undefined)
      return this.#move(recorded, (recording) => this.#recorded.showOlder(recording));
    this.#window.showOlder();
    this.#showHold();
  }

  /** Goes back to the newest of a recording, where its older ones took their place. */
  showNewest(recorded: Row): void {
    this.#move(recorded, (recording) => this.#recorded.showNewest(recording));
  }

  focus(): Promise<void> {
    return this.#views.focus();
  }

  /** Selects a recording's row and scrolls to it; the view must be in front. */
  async reveal(recording: OpenRecording): Promise<void> {
    const row = recordingRow(recording);
    await this.#views.reveal(row, () => this.#given.includes(row));
  }

  /** The exchange that is selected. */
  async selected(): Promise<ExchangeKey | undefined> {
    const row = await this.selectedRow();
    return row !== undefined && isKey(row) ? row : undefined;
  }

  selectedRow(): Promise<Row | undefined> {
    return this.#views.whenSelected();
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
    if (row === olderRow) return moreItem(row, this.#older, "older");
    const exchange = this.#exchange(row);
    if (exchange !== undefined) return this.#exchangeItem(exchange);
    const recording = this.#recorded.of(row);
    if (recording !== undefined) return this.#recordedItem(row, recording);
    const run = this.#exchanges.runs.find((each) => runRow(each) === row);
    return run ? runItem(run) : new vscode.TreeItem("(no longer kept)");
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    const exchange = this.#exchange(row);
    if (exchange !== undefined) {
      const otherEnd = otherEndOf(exchange, (key) => this.#exchange(key));
      item.tooltip = tooltipText(exchange, otherEnd, (each) => this.#names.of(each));
    }
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #exchange(row: Row): ExchangeRow | undefined {
    return isKey(row) ? (this.#exchanges.get(row) ?? this.#recordings.get(row)) : undefined;
  }

  #exchangeItem(exchange: ExchangeRow): vscode.TreeItem {
    if (exchange.state === "in-flight") this.#inFlight.add(exchange.key);
    else this.#inFlight.delete(exchange.key);
    const isNamed = this.#namesProcesses && this.#recordings.numbered(exchange.source) === undefined;
    return exchangeItem(exchange, {
      indented: this.#recorded.heads.length > 0,
      ...(isNamed && { process: this.#names.of(exchange) }),
    });
  }

  #recordedItem(row: Row, recording: OpenRecording): vscode.TreeItem {
    const { newer, older } = this.#recorded.counts(recording);
    if (row.startsWith("newer")) return moreItem(row, newer, "newer");
    if (row.startsWith("older")) return moreItem(row, older, "older");
    return recordingItem(row, recording, this.#recorded.passing(recording));
  }

  #move(row: Row, move: (recording: OpenRecording) => void): void {
    const recording = this.#recorded.of(row);
    if (recording === undefined) return;
    move(recording);
    this.#stale.add(recordingRow(recording));
    this.#schedule();
  }

  #refilter(): void {
    this.#window.list.show(this.#exchanges.listed, this.#filter.passes);
    this.#recorded.filter();
    this.#renew();
  }

  #reconsider(rows: readonly ExchangeRow[]): void {
    this.#window.list.reconsider(rows.flatMap(({ key }) => this.#exchanges.get(key) ?? []));
    this.#recorded.reconsider(rows);
    this.#renew();
  }

  /** Every row may be another one. */
  #renew(): void {
    for (const row of this.#given) this.#stale.add(row);
    this.#schedule();
  }

  /**
   * While VS Code takes the rows anew its extension host knows none of them, and says that nothing is selected whatever is:
   * that isn't heeded, and the selection is looked at once more at each refresh.
   */
  #heedSelection(): void {
    const { selection } = this.#views;
    if (selection === this.#selected || (selection === undefined && this.#pace.isAwaited)) return;
    this.#selected = selection;
    // What is captured doesn't move the recordings, which stand above it.
    if (selection === undefined || this.recordingOf(selection)) this.follow();
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

  #take(changes: readonly RowChange[]): void {
    for (const { before, after } of changes) if (before && after) this.#stale.add(after.key);
    this.#schedule();
  }

  #tick(): void {
    if (!this.#views.visible) return;
    for (const row of this.#inFlight) this.#stale.add(row);
    if (this.#inFlight.size > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#views.visible && this.#timer === undefined)
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
    const said = this.#say();
    if (all || stale.length > 0 || said) this.#pace.tell(now, all);
  }

  #rows(): Row[] {
    const rows = this.#window.rows();
    if (rows.older !== this.#older) this.#stale.add(olderRow);
    this.#older = rows.older;
    this.#namesProcesses = this.#names.areSeveral(rows.shown);
    const { heads } = this.#recorded;
    return [...heads, ...rowsOf(rows, heads.length > 0)];
  }

  /** Gives whether what it says above the rows has changed. */
  #say(): boolean {
    const { total, givenUp, excluded } = this.#exchanges;
    const { newer } = this.#window.rows();
    const { list } = this.#window;
    const { isOn, filter, open } = this.#filter;
    const { words } = filter;
    const shown = isOn ? list.length + list.newer : undefined;
    return this.#views.say(
      this.#situation.above({ total, shown, newer, givenUp, excluded, open }, words),
      words,
    );
  }
}
