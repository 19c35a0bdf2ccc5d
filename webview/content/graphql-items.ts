import { decodeText } from "../../content/charset.ts";
import { graphqlOfDocument, graphqlOfJson, type GraphqlRequest } from "../../content/graphql.ts";
import { prettyJson } from "../../content/json.ts";
import { h } from "../dom.ts";
import type { Item, ReadItems } from "./items-view.ts";

/** `isDocument`: the body isn't JSON. */
export function graphqlItems(charset: string, isDocument: boolean): ReadItems {
  return (bytes) => {
    const text = decodeText(bytes, charset);
    const requests = isDocument ? [graphqlOfDocument(text)] : graphqlOfJson(text);
    return requests && { items: requests.map(graphqlItem) };
  };
}

export function graphqlItem(request: GraphqlRequest): Item {
  return { key: JSON.stringify(request), element: () => requestElement(request) };
}

function requestElement({ operation, name, document, variables, extensions }: GraphqlRequest): HTMLElement {
  const title = h("p", {}, h("strong", {}, operation ?? "operation"), name === undefined ? "" : ` ${name}`);
  const part = (label: string, json: string | undefined) =>
    json === undefined ? [] : [h("h3", {}, label), h("pre", {}, prettyJson(json) ?? json)];
  const query = document === undefined ? "Not sent: the server knows the document by its hash." : document;
  return h(
    "li",
    {},
    title,
    h("pre", {}, query),
    ...part("Variables", variables),
    ...part("Extensions", extensions),
  );
}
