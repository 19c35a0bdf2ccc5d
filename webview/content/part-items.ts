import { charsetOf, decodeText } from "../../content/charset.ts";
import { kindOf } from "../../content/kind.ts";
import type { MediaType } from "../../content/headers.ts";
import { parseMultipart, type Part } from "../../content/multipart.ts";
import { pictureOf } from "../../content/picture.ts";
import { sizeText } from "../../protocol/format.ts";
import { h, note } from "../dom.ts";
import { fieldElement } from "./form-items.ts";
import { headersTable } from "../headers.ts";
import type { Item, ReadItems } from "./items-view.ts";

/** Bytes of a text that a part shows. */
const textLimit = 64 * 1024;

export function partItems(type: MediaType): ReadItems {
  return (bytes, isBodyWhole) => {
    const multipart = parseMultipart(bytes, type);
    if (multipart === undefined) return undefined;
    const items = multipart.parts.map((part): Item => ({
      key: JSON.stringify(part),
      element: () => partElement(part, bytes),
    }));
    return {
      items,
      ...(isBodyWhole &&
        !multipart.isWhole && { note: "the last delimiter is missing, or parts were left out" }),
    };
  };
}

function partElement(part: Part, all: Uint8Array): HTMLElement {
  const { headers, name, filename, type, start, end, isCut, parts } = part;
  const facts = [
    filename === undefined ? "" : `“${filename}”`,
    type.name,
    sizeText(end - start),
    isCut ? "not all of it is there" : "",
  ];
  const inner = parts?.map((each) => partElement(each, all));
  const content =
    inner === undefined
      ? contentElement(part, all.subarray(start, end))
      : h("ol", { class: "items" }, ...inner);
  return fieldElement(
    name ?? "",
    h("p", { class: "facts-line" }, facts.filter((fact) => fact !== "").join(" · ")),
    content,
    h("details", {}, h("summary", {}, "Headers"), headersTable(headers)),
  );
}

function contentElement({ type, isCut }: Part, bytes: Uint8Array): HTMLElement {
  const sample = bytes.subarray(0, textLimit);
  const kind = kindOf(type, sample);
  const picture = isCut ? undefined : pictureOf(bytes);
  if (kind === "image" && picture !== undefined) {
    const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: picture.type }));
    const image = h("img", { src: url, alt: `The part as ${picture.type}` });
    for (const end of ["load", "error"]) image.addEventListener(end, () => URL.revokeObjectURL(url));
    return image;
  }
  if (["bytes", "image", "msgpack", "cbor"].includes(kind))
    return note(bytes.length === 0 ? "empty" : "bytes that are no text");
  const text = decodeText(sample, charsetOf(sample, type).label);
  const rest =
    bytes.length > textLimit ? [note(`the first ${sizeText(textLimit)} of ${sizeText(bytes.length)}`)] : [];
  return h("div", {}, h("pre", {}, text), ...rest);
}
