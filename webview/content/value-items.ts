import type { Values } from "../../content/binary-json.ts";
import { h } from "../dom.ts";
import type { ReadItems } from "./items-view.ts";

export function valueItems(parse: (bytes: Uint8Array) => Values): ReadItems {
  return (bytes) => {
    const { texts, fault } = parse(bytes);
    const items = texts.map((text) => ({ key: text, element: () => h("li", {}, h("pre", {}, text)) }));
    return { items, ...(fault !== undefined && { note: `no more could be read: ${fault}` }) };
  };
}
