/** The table: its bar, its grid of rows of which only those in view are there, and the line of sums below. */
import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { durationText } from "../../protocol/format.ts";
import type { TableRow, TableUpdate, ToTable } from "../../protocol/table.ts";
import { Announcement } from "./announcement.ts";
import { ColumnMenu } from "./column-menu.ts";
import { columns, iconOf } from "./columns.ts";
import { vscode, type TableState } from "./extension-link.ts";
import { emptyView } from "./empty-view.ts";
import { FilterBox } from "./filter-box.ts";
import { header, shownColumns, widthsOf } from "./header.ts";
import { rowView } from "./row-view.ts";
import { Rows } from "./rows.ts";
import { placeBy, Selection } from "./selection.ts";
import { saidText, sumText } from "./texts.ts";
import { rowHeight, Viewport } from "./viewport.ts";
import { axisOf } from "./waterfall.ts";

/** Milliseconds between two looks at how long the exchanges in flight have been so. */
const tick = 1000;
export class TablePage {
  readonly #root: HTMLElement;
  readonly #state: TableState;
  readonly #rows = new Rows();
  readonly #selection = new Selection();
  readonly #filter = new FilterBox();
  readonly #viewport = new Viewport(() => this.#root.querySelector<HTMLElement>("[role=grid]"));
  readonly #announcement = new Announcement(() => this.#render());
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

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#state = vscode.getState() ?? {
      sorting: { column: "start", descending: true },
      widths: {},
      columns: columns.filter(({ byDefault }) => byDefault).map(({ key }) => key),
    };
    this.#render();
    const wanted = this.#viewport.ask() ?? this.#viewport.wanted;
    vscode.postMessage({ type: "ready", ...wanted, sorting: this.#state.sorting });
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
    this.#announcement.take(message);
    vscode.postMessage({ type: "taken" });
    this.#look();
  }

  get #grid(): HTMLElement {
    return this.#root.querySelector<HTMLElement>("[role=grid]")!;
  }

  get #isFollowing(): boolean {
    return this.#update?.newer === undefined;
  }

  #takeSelection({ selected }: TableUpdate): void {
    const selection = this.#selection;
    // A page that has just come takes what was selected; later it knows better than the extension, which hears of it.
    if (this.#isNew) selection.key = selected?.key;
    this.#isNew = false;
    if (selected?.isGone && selected.key === selection.key) selection.drop();
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
    const { seen, wanted } = this.#viewport;
    const axis = axisOf(
      this.#rows.between(seen).map(([, row]) => row),
      now,
    );
    const shown = this.#rows.between(wanted);
    const drawn = shownColumns(this.#state);
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
            ([at, row]) =>
              rowView(row, at, drawn, { now, axis, isSelected: row.key === this.#selection.key }, this),
          )}
        </div>
        ${update?.empty && this.#rows.length === 0 ? emptyView(update.empty) : nothing}
      </div>
      ${
        update?.newer
          ? html`<button class="newer" @click=${() => this.#follow()}>
              ${iconOf("arrow-up")}${update.newer.toLocaleString("en-US")} new
            </button>`
          : nothing
      }
      <div class="sum">${update ? sumText(update) : ""}</div>
      <div class="heard" role="status">${this.#announcement.text}</div>`;
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
        @click=${() => (this.#isFollowing ? this.#hold() : this.#follow())}
      >
        ${iconOf("arrow-circle-up")}Follow
      </button>
      ${this.#menu.render(this.#state.columns)}
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

  /** Of `RowEvents`, and by keys. */
  readonly select = ({ key }: TableRow, place: number, how: "now" | "soon" | "open"): void => {
    this.#wanted = undefined;
    this.#hold();
    this.#selection.select(key, place, how);
    this.#render();
  };

  #hold(): void {
    if (this.#isFollowing) vscode.postMessage({ type: "hold", newest: this.#update?.newest });
  }

  #follow(): void {
    if (this.#selection.key !== undefined) this.#selection.select(undefined, -1, "now");
    this.#grid.scrollTop = 0;
    vscode.postMessage({ type: "follow" });
    this.#render();
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#grid || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = this.#wanted ?? this.#selection.place;
    const place = placeBy(event.key, from, this.#rows.length, this.#viewport.page);
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
    this.#viewport.bringIn(place);
    if (row !== undefined) return this.select(row, place, "soon");
    this.#hold();
    this.#wanted = place;
    this.#look();
  }

  #scrolled(): void {
    const isTop = this.#viewport.isAtTop;
    if (!isTop) this.#hold();
    if (isTop && !this.#isFollowing && this.#selection.key === undefined)
      vscode.postMessage({ type: "follow" });
    this.#render();
    this.#look();
  }

  /** Asks for the rows that come into view. */
  #look(): void {
    const asked = this.#viewport.ask();
    if (asked !== undefined) vscode.postMessage({ type: "look", ...asked });
  }

  #tick(): void {
    const known = this.#rows.between(this.#viewport.seen);
    if (known.some(([, { state }]) => state === "in-flight")) this.#render();
  }
}
