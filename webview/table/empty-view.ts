/** What stands in place of rows: why there are none, and what one can do. */
import { html, type TemplateResult } from "lit";
import type { TableUpdate } from "../../protocol/table.ts";
import { vscode } from "./extension-link.ts";

export function emptyView({ text, actions }: NonNullable<TableUpdate["empty"]>): TemplateResult {
  const button = ({ id, title }: { id: string; title: string }) =>
    html`<button @click=${() => vscode.postMessage({ type: "act", id })}>${title}</button>`;
  return html`<div class="empty">
    <p>${text}</p>
    ${actions.map(button)}
  </div>`;
}
