import type { Header } from "../protocol/exchange.ts";
import { h, note } from "./dom.ts";

/** Headers as they were sent: their order, their case, and each of a repeated name. */
export function headersTable(headers: readonly Header[]): HTMLElement {
  if (headers.length === 0) return note("No headers.");
  return h("table", { class: "headers" }, h("tbody", {}, ...headers.map((header) => headerRow(header))));
}

/** `tools`: what can be done with it. */
export function headerRow([name, value, unknown]: Header, ...tools: Node[]): HTMLElement {
  return h(
    "tr",
    unknown ? { class: "fault", title: "Told before the capture, or lost: what is ? is not known" } : {},
    h("th", { scope: "row" }, name),
    h("td", {}, value, ...tools),
  );
}
