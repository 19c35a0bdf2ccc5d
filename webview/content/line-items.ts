import { decodeText } from "../../content/charset.ts";
import { prettyJson } from "../../content/json.ts";
import { parseJsonLines, type JsonLine } from "../../content/json-lines.ts";
import { h } from "../dom.ts";
import type { ReadItems } from "./items-view.ts";

/** Characters of a line that its closed row shows. */
const rowLength = 500;

export function lineItems(charset: string): ReadItems {
  return (bytes, isWhole) => {
    const lines = parseJsonLines(decodeText(bytes, charset));
    return {
      items: lines.map((line, i) => {
        const fault = line.isJson
          ? ""
          : i === lines.length - 1 && !isWhole
            ? "not all of it is there"
            : "no JSON";
        return { key: `${line.text}${fault}`, element: () => lineElement(line, fault) };
      }),
    };
  };
}

/** A row, which opens to the whole text, indented. */
function lineElement({ text }: JsonLine, fault: string): HTMLElement {
  const row = text.replaceAll(/\s+/g, " ").slice(0, rowLength);
  const whole = h("pre", {});
  // Only then: there may be a thousand of them.
  const open = () => (whole.textContent ||= prettyJson(text) ?? text);
  const mark = fault === "" ? [] : [h("span", { class: "fault" }, fault), " "];
  return h("li", {}, h("details", { ontoggle: open }, h("summary", {}, ...mark, row), whole));
}
