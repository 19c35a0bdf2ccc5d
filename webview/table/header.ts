/** The line of the columns' names: sorts, widths, and which of them are shown. */
import { html, nothing, type TemplateResult } from "lit";
import type { Sorting } from "../../protocol/table.ts";
import { columns, iconOf, type Column } from "./columns.ts";
import type { TableState } from "./extension-link.ts";

const leastWidth = 40;
/** Pixels by which a key widens a column. */
const step = 10;

export interface HeaderEvents {
  sort(sorting: Sorting): void;
  resize(column: Column, width: number): void;
}

export function shownColumns({ columns: keys }: TableState): Column[] {
  return columns.filter(({ key }) => keys.includes(key));
}

/** For `grid-template-columns`. */
export function widthsOf(state: TableState): string {
  return shownColumns(state)
    .map(({ key, width, takesRest }) => {
      const given = state.widths[key];
      if (given !== undefined) return `${given}px`;
      return takesRest ? `minmax(${width}px, 1fr)` : `${width}px`;
    })
    .join(" ");
}

/** `extra`: stands in the last column, e.g. how long the waterfall's axis is. */
export function header(state: TableState, events: HeaderEvents, extra: string): TemplateResult {
  const shown = shownColumns(state);
  return html`<div class="head columns" role="row" aria-rowindex="1">
    ${shown.map((column, place) => headCell(column, place, state, events, extra))}
  </div>`;
}

function headCell(
  column: Column,
  place: number,
  { sorting }: TableState,
  events: HeaderEvents,
  extra: string,
): TemplateResult {
  const { key, title, isNumber } = column;
  const isSorted = sorting.column === key;
  const arrow = isSorted ? iconOf(sorting.descending ? "chevron-down" : "chevron-up") : nothing;
  const direction = sorting.descending ? "descending" : "ascending";
  return html`<div
    role="columnheader"
    class=${isNumber ? "number" : ""}
    aria-colindex=${place + 1}
    aria-sort=${isSorted ? direction : "none"}
  >
    <button
      tabindex=${place === 0 ? 0 : -1}
      title="Sort by ${title.toLowerCase()} (Shift with arrows: width)"
      @click=${() => events.sort({ column: key, descending: isSorted ? !sorting.descending : true })}
      @keydown=${(event: KeyboardEvent) => takeKey(event, column, events)}
    >
      <span>${title}</span>${arrow}
    </button>
    ${key === "start" ? html`<span class="axis quiet">${extra}</span>` : nothing}
    <span class="grip" @pointerdown=${(event: PointerEvent) => drag(event, column, events)}></span>
  </div>`;
}

/** Along the names by arrows, as along the rows; with Shift they widen the column. */
function takeKey(event: KeyboardEvent, column: Column, { resize }: HeaderEvents): void {
  const direction = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const cell = (event.currentTarget as HTMLElement).closest<HTMLElement>("[role=columnheader]");
  if (direction === undefined || cell === null) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) return resize(column, Math.max(cell.offsetWidth + direction * step, leastWidth));
  const next = direction > 0 ? cell.nextElementSibling : cell.previousElementSibling;
  next?.querySelector("button")?.focus();
}

function drag(event: PointerEvent, column: Column, { resize }: HeaderEvents): void {
  const grip = event.currentTarget as HTMLElement;
  const before = grip.parentElement!.offsetWidth - event.clientX;
  grip.setPointerCapture(event.pointerId);
  const move = ({ clientX }: PointerEvent) => resize(column, Math.max(before + clientX, leastWidth));
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", move), {
    once: true,
  });
  event.preventDefault();
}
