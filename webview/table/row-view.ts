/** One row of the grid. */
import { html, type TemplateResult } from "lit";
import { sentenceText } from "../../protocol/row-text.ts";
import { isError } from "../../protocol/states.ts";
import type { TableRow } from "../../protocol/table.ts";
import type { CellContext, Column } from "./columns.ts";
import { rowHeight } from "./viewport.ts";

export interface RowEvents {
  /** `how`: see `Selection.select`. */
  select(row: TableRow, place: number, how: "now" | "open"): void;
}

/** At its place among all rows. */
export function rowView(
  row: TableRow,
  place: number,
  columns: readonly Column[],
  { isSelected, ...context }: CellContext & { isSelected: boolean },
  events: RowEvents,
): TemplateResult {
  // For VS Code's menu of the row.
  const menu = { webviewSection: "row", key: row.key, preventDefaultContextMenuItems: true };
  return html`<div
    role="row"
    id="row-${place}"
    class="row columns ${isError(row) ? "failed" : ""}"
    aria-rowindex=${place + 2}
    aria-selected=${isSelected}
    aria-label=${sentenceText(row, context.now)}
    data-vscode-context=${JSON.stringify(menu)}
    .style=${`top:${place * rowHeight}px`}
    @click=${() => events.select(row, place, "now")}
    @dblclick=${() => events.select(row, place, "open")}
  >
    ${columns.map(
      ({ key, isNumber, cell }, at) =>
        html`<div role="gridcell" aria-colindex=${at + 1} class="${key} ${isNumber ? "number" : ""}">
          ${cell(row, context)}
        </div>`,
    )}
  </div>`;
}
