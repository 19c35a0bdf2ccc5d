/** The contract between the extension and the table's page: the page is told the rows that it looks at, and no others. */
import type { ExchangeSummary } from "./exchange.ts";

/** What rows can be sorted by; `start`: the order in which the requests came, as the waterfall's column does. */
export type SortColumn =
  "status" | "method" | "host" | "path" | "type" | "process" | "size" | "time" | "start";

export interface Sorting {
  column: SortColumn;
  descending: boolean;
}

export interface TableRow extends ExchangeSummary {
  /** Unique in the window. */
  key: string;
}

/** What of the window is shown: all that was captured, one run, or one recording. */
export interface TableScope {
  id: string;
  label: string;
}

/** Of all rows that pass the filter. */
export interface TableSum {
  requests: number;
  /** Of the responses' bodies. */
  bytes: number;
  errors: number;
  /** Rows of which bytes are missing. */
  gaps: number;
  /** Milliseconds from the first start to the last end. */
  span: number;
}

export interface TableFilter {
  text: string;
  /** What it does: `path without /static; type json`; empty without a condition. */
  words: string;
  /** What isn't understood, and where; `[start, end)`. */
  errors: { start: number; end: number; message: string }[];
  /** Why something could not be looked for. */
  problem: string | undefined;
  /** Rows that are still being looked into. */
  open: number;
}

export interface TableUpdate {
  /** Rows that pass, and of which rows. */
  length: number;
  of: number;
  /** Rows that are held back, as the reader has scrolled; undefined: it follows the newest. */
  newer: number | undefined;
  /** The key of the newest row, shown or not. */
  newest: string | undefined;
  /** Rows that the limits took. */
  givenUp: number;
  /** Exchanges that the settings kept from being captured. */
  excluded: number;
  /** The place of the first of `rows`. */
  first: number;
  /** A number is the place among the `rows` of the last update of a row that is the same. */
  rows: (TableRow | number)[];
  /** `place`: among all rows; -1: it is none of them. `isGone`: nor is it among those that don't pass. */
  selected: { key: string; place: number; isGone: boolean } | undefined;
  sum: TableSum;
  sorting: Sorting;
  filter: TableFilter;
  scopes: TableScope[];
  scope: string;
  /** Why no row is there, and what one can do about it. */
  empty: { text: string; actions: { id: string; title: string }[] } | undefined;
  /** The extension's Unix time in milliseconds. */
  now: number;
}

/** In place of `[start, end)` of the text comes `text`. */
export interface Completion {
  start: number;
  end: number;
  text: string;
  /** What it means, or how many rows have it. */
  about: string;
}

/** To the page. */
export type ToTable =
  | ({ type: "update" } & TableUpdate)
  /** The answer to the `complete` with the same `call`. */
  | { type: "completions"; call: number; completions: Completion[] }
  /** The keyboard goes to the rows. */
  | { type: "focus" };

/** From the page. */
export type FromTable =
  /** The page stands: it has no rows, and wants these. */
  | { type: "ready"; first: number; count: number; sorting: Sorting }
  /** The last update was taken. */
  | { type: "taken" }
  | { type: "look"; first: number; count: number }
  | { type: "sort"; sorting: Sorting }
  | { type: "follow" }
  /** What is on screen shall stay where it is. `newest`: of the last update that was taken; another may be on its way. */
  | { type: "hold"; newest: string | undefined }
  /** `opens`: it is shown in the detail panel too, and the keyboard stays here, or goes there. */
  | { type: "select"; key: string | undefined; opens?: "beside" | "focused" }
  | { type: "filter"; text: string }
  /** What can stand at the caret. */
  | { type: "complete"; call: number; text: string; caret: number }
  | { type: "scope"; id: string }
  /** One of what `empty` proposes. */
  | { type: "act"; id: string };
