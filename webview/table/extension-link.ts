/** Messages to and from the extension, and what of the page outlives it. */
import type { FromTable, Sorting, ToTable } from "../../protocol/table.ts";

/** How the table was left: VS Code keeps it, on disk too. */
export interface TableState {
  sorting: Sorting;
  /** Pixels of the columns that were given a width, by key. */
  widths: Record<string, number>;
  /** Keys of the columns that are shown. */
  columns: string[];
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromTable): void;
  getState(): TableState | undefined;
  setState(state: TableState): void;
};

/** To be had once per page. */
export const vscode = acquireVsCodeApi();

export function listen(listener: (message: ToTable) => void): void {
  window.addEventListener("message", ({ data }: MessageEvent<ToTable>) => listener(data));
}
