/** The table: its bar, its grid of rows of which only those in view are there, and the line of sums below. */
import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { durationText } from "../../protocol/format.ts";
import { sentenceText } from "../../protocol/row-text.ts";
import { isError } from "../../protocol/states.ts";
import type { TableRow, TableUpdate, ToTable } from "../../protocol/table.ts";
import { ColumnMenu } from "./column-menu.ts";
import { columns, iconOf, type CellContext } from "./columns.ts";
import { vscode, type TableState } from "./extension-link.ts";
import { FilterBox } from "./filter-box.ts";
import { header, shownColumns, widthsOf } from "./header.ts";
import { Rows } from "./rows.ts";
import { placeBy, Selection } from "./selection.ts";
import { emptyText, saidText, sumText } from "./texts.ts";
import { axisOf } from "./waterfall.ts";

/** Pixels. */
const rowHeight = 22;
const headHeight = 24;
/** Rows beyond those in view that are asked for, each way. */
const margin = 40;
/** Milliseconds between two looks at how long the exchanges in flight have been so. */
const tick = 1000;
/** Milliseconds that a filter's result rests before it is announced. */
const announceRest = 700;

export class TablePage {
  readonly #root: HTMLElement;
  readonly #state: TableState;
  readonly #rows = new Rows();
  readonly #selection = new Selection();
  readonly #filter = new FilterBox();
  readonly #menu = new ColumnMenu(
    (key) => this.#toggleColumn(key),
    () => this.#render(),
  );
  #update: TableUpdate | undefined;
  /** It has not been told anything. */
  #isNew = true;
  /** The extension's clock, ahead of ours. */
  #ahead = 0;
  /** A place that keys lead to, and whose row isn't known yet. */
  #wanted: number | undefined;
  #asked = { first: 0, count: 0 };
  #announced = "";
  #announcing: number | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#state = vscode.getState() ?? {
      sorting: { column: "start", descending: true },
      widths: {},
      columns: columns.filter(({ byDefault }) => byDefault).map(({ key }) => key),
    };
    this.#render();
    this.#asked = this.#inView();
    vscode.postMessage({ type: "ready", ...this.#asked, sorting: this.#state.sorting });
    window.addEventListener("resize", () => this.#look());
    window.setInterval(() => this.#tick(), tick);
  }

  take(message: ToTable): void {
    if (message.type === "completions") return this.#filter.complete(message.call, message.completions);
    if (message.type === "focus") return this.#grid.focus();
    this.#rows.take(message);
    this.#update = message;
    this.#ahead = message.now - Date.now();
    this.#state.sorting = message.sorting;
    this.#takeSelection(message);
    this.#filter.show(message.filter);
    this.#render();
    this.#announce();
    vscode.postMessage({ type: "taken" });
    this.#look();
  }

  get #grid(): HTMLElement {
    return this.#root.querySelector<HTMLElement>("[role=grid]")!;
  }

  get #isFollowing(): boolean {
    return this.#update?.newer === undefined;
  }

  /** Rows that fit, at least one. */
  get #page(): number {
    return Math.max(Math.floor((this.#grid.clientHeight - headHeight) / rowHeight), 1);
  }

  /** What is in view, and a margin. */
  #inView(): { first: number; count: number } {
    const top = Math.floor(this.#grid.scrollTop / rowHeight);
    const first = Math.max(top - margin, 0);
    return { first, count: top + this.#page + 2 + margin - first };
  }

  #takeSelection({ selected }: TableUpdate): void {
    const selection = this.#selection;
    // A page that has just come takes what was selected; later it knows better than the extension, which hears of it.
    if (this.#isNew) selection.key = selected?.key;
    this.#isNew = false;
    if (selection.key !== undefined) {
      const known = this.#rows.placeOf(selection.key);
      if (known >= 0) selection.place = known;
      else if (selected?.key === selection.key) selection.place = selected.place;
    }
    const wanted = this.#wanted === undefined ? undefined : this.#rows.at(this.#wanted);
    if (wanted === undefined || this.#wanted === undefined) return;
    selection.select(wanted.key, this.#wanted, "soon");
    this.#wanted = undefined;
  }

  #render(): void {
    const update = this.#update;
    const now = Date.now() + this.#ahead;
    const grid = this.#root.querySelector<HTMLElement>("[role=grid]");
    const top = Math.floor((grid?.scrollTop ?? 0) / rowHeight);
    const page = grid === null ? 0 : Math.ceil(grid.clientHeight / rowHeight);
    const axis = axisOf(
      this.#rows.between(top, top + page).map(([, row]) => row),
      now,
    );
    const context: CellContext = { now, axis };
    const shown = this.#rows.between(top - margin, top + page + margin);
    const { place } = this.#selection;
    const template = html`${this.#bar(update)}
      <div
        role="grid"
        tabindex="0"
        aria-label="HTTP exchanges"
        aria-rowcount=${this.#rows.length + 1}
        aria-colcount=${this.#state.columns.length}
        aria-activedescendant=${shown.some(([each]) => each === place) ? `row-${place}` : nothing}
        .style=${`--columns:${widthsOf(this.#state)}`}
        @scroll=${() => this.#scrolled()}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      >
        ${header(this.#state, this, `over ${durationText(axis.to - axis.from)}`)}
        <div role="rowgroup" .style=${`height:${this.#rows.length * rowHeight}px`}>
          ${repeat(
            shown,
            ([, { key }]) => key,
            ([at, row]) => this.#row(at, row, context),
          )}
        </div>
        ${update && this.#rows.length === 0 ? this.#empty(update) : nothing}
      </div>
      ${
        update?.newer
          ? html`<button class="newer" @click=${() => this.#follow()}>
              ${iconOf("arrow-up")}${update.newer.toLocaleString("en-US")} new
            </button>`
          : nothing
      }
      <div class="sum">${update ? sumText(update) : ""}</div>
      <div class="heard" role="status">${this.#announced}</div>`;
    render(template, this.#root);
  }

  #bar(update: TableUpdate | undefined): TemplateResult {
    const scopes = update?.scopes ?? [];
    return html`<div class="bar">
      ${this.#filter.element}
      <div class="said">${update ? saidText(update) : ""}</div>
      ${
        scopes.length > 1
          ? html`<select
              aria-label="Run or recording"
              title="What is shown"
              @change=${({ currentTarget }: Event) =>
                vscode.postMessage({ type: "scope", id: (currentTarget as HTMLSelectElement).value })}
            >
              ${scopes.map(
                ({ id, label }) =>
                  html`<option value=${id} ?selected=${id === update?.scope}>${label}</option>`,
              )}
            </select>`
          : nothing
      }
      <button
        class="tool labelled"
        aria-pressed=${this.#isFollowing}
        title="Follow the newest: also by scrolling to the top, or Escape in the rows"
        @click=${() => (this.#isFollowing ? vscode.postMessage({ type: "follow", follow: false }) : this.#follow())}
      >
        ${iconOf("arrow-circle-up")}Follow
      </button>
      ${this.#menu.render(this.#state.columns)}
    </div>`;
  }

  #row(place: number, row: TableRow, context: CellContext): TemplateResult {
    const isSelected = row.key === this.#selection.key;
    return html`<div
      role="row"
      id="row-${place}"
      class="row columns ${isError(row) ? "failed" : ""}"
      aria-rowindex=${place + 2}
      aria-selected=${isSelected}
      aria-label=${sentenceText(row, context.now)}
      data-vscode-context=${JSON.stringify({ webviewSection: "row", key: row.key, preventDefaultContextMenuItems: true })}
      .style=${`top:${place * rowHeight}px`}
      @click=${() => this.#select(row, place, "now")}
      @dblclick=${() => this.#select(row, place, "open")}
    >
      ${shownColumns(this.#state).map(
        ({ key, isNumber, cell }, at) =>
          html`<div role="gridcell" aria-colindex=${at + 1} class="${key} ${isNumber ? "number" : ""}">
            ${cell(row, context)}
          </div>`,
      )}
    </div>`;
  }

  #empty(update: TableUpdate): TemplateResult {
    return html`<div class="empty">
      <p>${emptyText(update)}</p>
      ${
        update.of > 0
          ? html`<button @click=${() => vscode.postMessage({ type: "filter", text: "" })}>
              Clear the Filter
            </button>`
          : nothing
      }
    </div>`;
  }

  /** Of `HeaderEvents`. */
  readonly sort = (sorting: TableState["sorting"]): void => {
    this.#state.sorting = sorting;
    this.#save();
    vscode.postMessage({ type: "sort", sorting });
  };

  /** Of `HeaderEvents`. */
  readonly resize = ({ key }: { key: string }, width: number): void => {
    this.#state.widths[key] = width;
    this.#save();
  };

  #toggleColumn(key: string): void {
    const { columns: shown } = this.#state;
    const others = shown.filter((each) => each !== key);
    if (others.length === 0) return; // one must be left to be seen
    this.#state.columns = others.length < shown.length ? others : [...shown, key];
    this.#save();
  }

  #save(): void {
    vscode.setState(this.#state);
    this.#render();
  }

  #select(row: TableRow, place: number, how: "now" | "soon" | "open"): void {
    this.#wanted = undefined;
    this.#selection.select(row.key, place, how);
    this.#render();
  }

  #follow(): void {
    if (this.#selection.key !== undefined) this.#selection.select(undefined, -1, "now");
    this.#grid.scrollTop = 0;
    vscode.postMessage({ type: "follow", follow: true });
    this.#render();
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#grid || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = this.#wanted ?? this.#selection.place;
    const place = placeBy(event.key, from, this.#rows.length, this.#page);
    if (place !== undefined) this.#go(place);
    else if (event.key === "Enter" && this.#selection.key !== undefined)
      this.#selection.select(this.#selection.key, this.#selection.place, "open");
    else if (event.key === "Escape") this.#follow();
    else if (event.key === "/") this.#filter.focus();
    else return;
    event.preventDefault();
  }

  #go(place: number): void {
    const row = this.#rows.at(place);
    this.#bringIntoView(place);
    if (row !== undefined) return this.#select(row, place, "soon");
    this.#wanted = place;
    this.#look();
  }

  #bringIntoView(place: number): void {
    const grid = this.#grid;
    const top = place * rowHeight;
    const room = grid.clientHeight - headHeight - rowHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room;
  }

  #scrolled(): void {
    const isTop = this.#grid.scrollTop === 0;
    if (!isTop && this.#isFollowing) vscode.postMessage({ type: "follow", follow: false });
    if (isTop && !this.#isFollowing && this.#selection.key === undefined)
      vscode.postMessage({ type: "follow", follow: true });
    this.#render();
    this.#look();
  }

  /** Asks for the rows that come into view. */
  #look(): void {
    const { first, count } = this.#inView();
    const { first: begin, count: many } = this.#asked;
    const slack = margin / 2;
    const isAbove = first < begin - slack || (first === 0 && begin > 0);
    const isBelow = first + count > begin + many + slack;
    if (!isAbove && !isBelow) return;
    this.#asked = { first, count };
    vscode.postMessage({ type: "look", ...this.#asked });
  }

  #tick(): void {
    const { first, count } = this.#inView();
    const known = this.#rows.between(first, first + count);
    if (known.some(([, { state }]) => state === "in-flight")) this.#render();
  }

  /** What the filter lets through is heard once typing rests; rows that arrive are not. */
  #announce(): void {
    if (this.#update === undefined) return;
    const { filter } = this.#update;
    const about = filter.words + filter.errors.length;
    if (about === this.#root.dataset["filter"]) return;
    this.#root.dataset["filter"] = about;
    window.clearTimeout(this.#announcing);
    this.#announcing = window.setTimeout(() => {
      if (this.#update) this.#announced = saidText(this.#update);
      this.#render();
    }, announceRest);
  }
}
