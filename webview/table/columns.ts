/** The table's columns: what stands in each, how wide it is, and how it is sorted. */
import { html, nothing, type TemplateResult } from "lit";
import { sizeText, durationText } from "../../protocol/format.ts";
import { oneLine } from "../../protocol/one-line.ts";
import { elapsedText, outcomeOf, statusText } from "../../protocol/row-text.ts";
import { isError, lookOf } from "../../protocol/states.ts";
import type { SortColumn, TableRow } from "../../protocol/table.ts";
import { typeText } from "../type-text.ts";
import { barsOf, type Axis } from "./waterfall.ts";

export interface Column {
  key: SortColumn;
  title: string;
  /** Pixels: of a column that takes what is left, the least. */
  width: number;
  takesRest?: true;
  isNumber?: true;
  /** Shown unless the reader chooses otherwise. */
  byDefault: boolean;
  cell(row: TableRow, context: CellContext): TemplateResult | string;
}

export interface CellContext {
  /** Unix time in milliseconds, where the exchanges were seen. */
  now: number;
  axis: Axis;
}

/** Characters of a captured text that are put on the page. */
const longest = 500;

export const columns: readonly Column[] = [
  {
    ...{ key: "status", title: "Status", width: 84, byDefault: true },
    cell: (row) => {
      const { icon } = lookOf(row);
      // A 200 is quiet: what needs an eye has an icon, a word and a colour.
      const isQuiet = row.state === "complete" && !isError(row) && !row.missing && !row.headCut;
      return html`<span class="icon">${isQuiet ? nothing : iconOf(icon, colourOf(row))}</span
        ><span class=${colourOf(row)} title=${row.grpcStatus ? statusText(row) : nothing}
          >${row.status ?? (row.state === "in-flight" ? "…" : "–")}</span
        >`;
    },
  },
  {
    ...{ key: "method", title: "Method", width: 72, byDefault: true },
    cell: ({ method }) => oneLine(method ?? "–", 20),
  },
  {
    ...{ key: "host", title: "Host", width: 150, byDefault: true },
    // A long host gives up its name and never its port.
    cell: ({ host = "", role }) => {
      const [, name = host, port = ""] = /^(.*)(:\d+)$/.exec(oneLine(host, longest)) ?? [];
      return html`${role === "client" ? iconOf("arrow-up", "quiet") : nothing}<span
          class="name"
          title=${oneLine(host, longest)}
          >${name}</span
        ><span class="port">${port}</span>`;
    },
  },
  {
    ...{ key: "path", title: "Path", width: 140, takesRest: true, byDefault: true },
    cell: (row, { now }) => {
      const target = row.method === undefined ? "(request not seen)" : oneLine(row.target ?? "", longest);
      const query = target.includes("?") ? target.indexOf("?") : target.length;
      const { word } = outcomeOf(row, now);
      // The column of the time says how long it has been in flight.
      const said = row.state === "in-flight" && row.status !== 101 ? "" : word;
      return html`<span class="path" title=${target}
          >${target.slice(0, query)}<span class="quiet">${target.slice(query)}</span></span
        >${said === "" ? nothing : html`<span class="word ${colourOf(row)}">${said}</span>`}`;
    },
  },
  {
    ...{ key: "type", title: "Type", width: 76, byDefault: true },
    cell: ({ contentType }) =>
      html`<span class="quiet" title=${oneLine(contentType ?? "", longest)}
        >${oneLine(typeText(contentType), 30) || "–"}</span
      >`,
  },
  {
    ...{ key: "process", title: "Process", width: 110, byDefault: false },
    cell: ({ process, pid }) => html`<span title="process ${pid}">${oneLine(process, longest)}</span>`,
  },
  {
    ...{ key: "size", title: "Size", width: 76, isNumber: true, byDefault: true },
    cell: ({ size, status }) => (status === undefined ? "–" : sizeText(size)),
  },
  {
    ...{ key: "time", title: "Time", width: 76, isNumber: true, byDefault: true },
    cell: ({ duration, start, state }, { now }) => {
      if (state === "in-flight") return elapsedText(start, now);
      return duration === undefined ? "–" : durationText(duration);
    },
  },
  {
    ...{ key: "start", title: "Waterfall", width: 190, byDefault: true },
    cell: (row, { axis }) =>
      html`${barsOf(row, axis).map(
        ({ kind, left, width }) =>
          html`<i class=${kind} .style=${`left:${percent(left)};width:${percent(width)}`}></i>`,
      )}`,
  },
];

export function iconOf(name: string, className = ""): TemplateResult {
  return html`<span class="codicon codicon-${name} ${className}" aria-hidden="true"></span>`;
}

function colourOf(row: TableRow): string {
  const { color = "" } = lookOf(row);
  if (color.includes("error")) return "error";
  return color.includes("warning") ? "warning" : "";
}

function percent(part: number): string {
  return `${(part * 100).toFixed(3)}%`;
}
