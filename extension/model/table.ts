/** The table's side of the extension: which rows the page looks at, and what it must be told of them. */
import { isError } from "../../protocol/states.ts";
import type { FromTable, Sorting, TableSum, TableUpdate } from "../../protocol/table.ts";
import { actionTitles } from "./actions.ts";
import type { CurrentSituation } from "./current-situation.ts";
import type { ExchangeRow } from "./exchange-row.ts";
import type { Exchanges } from "./exchanges.ts";
import type { CurrentFilter } from "./filter/current-filter.ts";
import type { Recordings } from "./recordings.ts";
import { RowList } from "./row-list.ts";
import type { ExchangeKey } from "./run.ts";
import type { Filtered } from "./situation.ts";
import { allCaptured, TableScopes } from "./table-scopes.ts";

/** Rows that one update carries: a window as high as the highest screen has fewer. */
const mostRows = 500;

export interface TableSurroundings {
  exchanges: Exchanges;
  recordings: Recordings;
  filter: CurrentFilter;
  /** What is said where no row is listed. */
  situation: Pick<CurrentSituation, "empty" | "onChange">;
}

export class TableModel {
  readonly #surroundings: TableSurroundings;
  readonly #scopes: TableScopes;
  readonly #list: RowList;
  #scope: string = allCaptured;
  #selected: ExchangeKey | undefined;
  /** The rows that the page looks at, by place. */
  #first = 0;
  #count = 0;
  /** What the page has. */
  #given: ExchangeRow[] = [];
  #sum: TableSum | undefined;

  constructor(surroundings: TableSurroundings) {
    this.#surroundings = surroundings;
    const { exchanges, recordings } = surroundings;
    this.#scopes = new TableScopes(exchanges, recordings);
    this.#list = new RowList(exchanges.listed, surroundings.filter.passes);
  }

  /** Rows of what is looked at, whether they pass or not: values to complete the filter come from them. */
  get rows(): readonly ExchangeRow[] {
    return this.#scopes.rowsOf(this.#scope)?.source.rows ?? [];
  }

  get selected(): ExchangeKey | undefined {
    return this.#selected;
  }

  /** A new page has no rows. */
  begin({ first, count, sorting }: Extract<FromTable, { type: "ready" }>): void {
    this.#given = [];
    this.look(first, count);
    if (sorting.column !== this.#list.sorting.column || sorting.descending !== this.#list.sorting.descending)
      this.sort(sorting);
  }

  look(first: number, count: number): void {
    this.#first = Math.max(first, 0);
    this.#count = Math.min(Math.max(count, 0), mostRows);
  }

  sort(sorting: Sorting): void {
    this.#list.sort(sorting);
  }

  follow(): void {
    this.#list.follow();
  }

  /** From now on rows only count that are newer than that one. */
  hold(newest: ExchangeKey | undefined): void {
    this.#list.hold(newest && this.#row(newest));
  }

  /** While a row is selected all hold still. */
  select(key: ExchangeKey | undefined): void {
    this.#selected = key;
    if (key !== undefined) this.#list.hold();
  }

  /** Shows another scope, or the same with another filter. */
  show(scope: string = this.#scope): void {
    const rows = this.#scopes.rowsOf(scope);
    this.#scope = rows === undefined ? allCaptured : scope;
    const { source, belongs } = rows ?? { source: this.#surroundings.exchanges.listed, belongs: () => true };
    const { passes } = this.#surroundings.filter;
    this.#list.show(source, (row) => belongs(row) && passes(row));
    this.#sum = undefined;
  }

  /** It is known now whether these pass. */
  reconsider(rows: readonly ExchangeRow[]): void {
    this.#list.reconsider(rows.flatMap(({ key }) => this.#row(key) ?? []));
  }

  /** What the page must be told now, after which it has that. */
  update(now: number): TableUpdate {
    if (this.#scopes.rowsOf(this.#scope) === undefined) this.show(allCaptured);
    const gone = this.#dropSelected();
    if (this.#list.refresh()) this.#sum = undefined;
    const { exchanges, filter } = this.#surroundings;
    const list = this.#list;
    const { text, words, errors } = filter.filter;
    this.#first = Math.min(this.#first, Math.max(list.length - this.#count, 0));
    const rows = list.slice(this.#first, this.#first + this.#count);
    const places = new Map(this.#given.map((row, place) => [row, place]));
    this.#given = rows;
    const of = this.#scope === allCaptured ? exchanges.total : this.#belonging();
    return {
      ...{ length: list.length, of },
      newer: list.isHeld ? list.newer : undefined,
      newest: exchanges.listed.rows.at(-1)?.key,
      givenUp: exchanges.givenUp,
      excluded: exchanges.excluded,
      first: this.#first,
      rows: rows.map((row) => places.get(row) ?? { ...row.summary, key: row.key }),
      selected: this.#whereSelected(gone),
      sum: (this.#sum ??= sumOf(list.all)),
      sorting: list.sorting,
      filter: { text, words, errors: [...errors], problem: filter.problem, open: filter.open },
      scopes: this.#scopes.all,
      scope: this.#scope,
      empty: list.length > 0 ? undefined : this.#empty({ total: of, words, open: filter.open }),
      now,
    };
  }

  dispose(): void {
    this.#list.dispose();
  }

  /** With its row a selection goes, and what was held for it. Gives the key that is selected no more. */
  #dropSelected(): ExchangeKey | undefined {
    const key = this.#selected;
    if (key === undefined || this.#row(key) !== undefined) return undefined;
    this.#selected = undefined;
    this.#list.follow();
    return key;
  }

  #empty(filtered: Filtered): TableUpdate["empty"] {
    const { text, actions } = this.#surroundings.situation.empty(filtered);
    return { text, actions: actions.map((id) => ({ id, title: actionTitles[id] })) };
  }

  #whereSelected(gone: ExchangeKey | undefined): TableUpdate["selected"] {
    if (gone !== undefined) return { key: gone, place: -1, isGone: true };
    const key = this.#selected;
    return key && { key, place: this.#list.placeOf(this.#row(key)), isGone: false };
  }

  #row(key: ExchangeKey): ExchangeRow | undefined {
    return this.#surroundings.exchanges.get(key) ?? this.#surroundings.recordings.get(key);
  }

  #belonging(): number {
    const rows = this.#scopes.rowsOf(this.#scope);
    if (rows === undefined) return 0;
    let count = 0;
    for (const row of rows.source.rows) if (rows.belongs(row)) count++;
    return count;
  }
}

function sumOf(rows: readonly ExchangeRow[]): TableSum {
  const sum: TableSum = { requests: rows.length, bytes: 0, errors: 0, gaps: 0, span: 0 };
  let [first, last] = [Infinity, -Infinity];
  for (const row of rows) {
    sum.bytes += row.size;
    if (isError(row)) sum.errors++;
    if (row.missing > 0) sum.gaps++;
    first = Math.min(first, row.start);
    last = Math.max(last, row.start + (row.duration ?? 0));
  }
  if (rows.length > 0) sum.span = last - first;
  return sum;
}
