import type { Header } from "../protocol/exchange.ts";
import { h } from "./dom.ts";

/** Headers as they were sent: their order, their case, and each of a repeated name. */
export function headersTable(headers: Header[]): HTMLElement {
  if (headers.length === 0) return h("p", { class: "note" }, "No headers.");
  const rows = headers.map(([name, value, unknown]) =>
    h(
      "tr",
      unknown ? { class: "fault", title: "Told before the capture, or lost: what is ? is not known" } : {},
      h("th", { scope: "row" }, name),
      h("td", {}, value),
    ),
  );
  return h("table", { class: "headers" }, h("tbody", {}, ...rows));
}
