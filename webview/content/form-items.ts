import { decodeText } from "../../content/charset.ts";
import { parseForm } from "../../content/form.ts";
import { h } from "../dom.ts";
import type { ReadItems } from "./items-view.ts";

export function formItems(charset: string): ReadItems {
  return (bytes) => ({
    items: parseForm(decodeText(bytes, charset)).map((field) => ({
      key: JSON.stringify(field),
      element: () => fieldElement(field.name, h("pre", {}, field.value)),
    })),
  });
}

/** An item that has a name. */
export function fieldElement(name: string, ...content: Node[]): HTMLElement {
  return h("li", {}, h("span", { class: "name" }, name), h("div", { class: "value" }, ...content));
}
