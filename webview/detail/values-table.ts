/** Names and values, as of a query or of cookies: each can be copied. */
import { h, iconButton } from "../dom.ts";
import { copy } from "./extension-link.ts";

export interface Value {
  name: string;
  value: string;
  /** What is said besides. */
  more?: string;
}

export function valuesTable(title: string, values: readonly Value[]): HTMLElement {
  const rows = values.map(({ name, value, more = "" }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h(
        "td",
        {},
        value,
        ...(more === "" ? [] : [h("span", { class: "note" }, ` ${more}`)]),
        iconButton("copy", `Copy the value of ${name === "" ? "the nameless one" : name}`, () => copy(value)),
      ),
    ),
  );
  return h("table", { class: "headers values", "aria-label": title }, h("tbody", {}, ...rows));
}
