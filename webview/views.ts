/** The view of a body for each way to show it. */
import { parseCbor, parseMsgpack } from "../content/binary-json.ts";
import type { MediaType } from "../content/headers.ts";
import type { Arrival } from "../protocol/exchange.ts";
import { wholeLimit, type BodyBytes } from "./body-bytes.ts";
import type { ContentView, Find, Reading } from "./content-view.ts";
import { eventItems } from "./event-items.ts";
import { formItems } from "./form-items.ts";
import { graphqlItems } from "./graphql-items.ts";
import { HexView } from "./hex-view.ts";
import { ItemsView, type ReadItems } from "./items-view.ts";
import { JsonView } from "./json-view.ts";
import { lineItems } from "./line-items.ts";
import type { Mode } from "./modes.ts";
import { partItems } from "./part-items.ts";
import { PictureView } from "./picture-view.ts";
import { TextView } from "./text-view.ts";
import { valueItems } from "./value-items.ts";

/** Bytes of a body that are read at once, where it is more than text. */
const itemsLimit = 1024 * 1024;

export interface Content {
  bytes: BodyBytes;
  charset: string;
  type: MediaType;
  /** Of these bytes, where they are those that came. */
  arrivals: () => readonly Arrival[];
  reading: Reading;
  /** Shows what `reading` says now. Views are brought up to date by it alone: never twice at once. */
  changed: () => Promise<void>;
  find: Find;
}

export function viewOf(
  mode: Mode,
  { bytes, charset, type, arrivals, reading, changed, find }: Content,
): ContentView {
  const hex = () => new HexView(bytes, reading, changed, find);
  const text = () => new TextView(bytes, charset, reading, changed, find);
  const json = () => new JsonView(bytes, charset, reading, changed, text());
  const items = (read: ReadItems, otherwise: ContentView, limit = itemsLimit) =>
    new ItemsView(bytes, limit, read, otherwise);
  switch (mode) {
    case "json":
      return json();
    case "lines":
      return items(lineItems(charset), text());
    case "events":
      return items(eventItems(arrivals), text());
    case "form":
      return items(formItems(charset), text());
    case "multipart":
      // Most are files: they are read whole, as a picture is.
      return items(partItems(type), text(), bytes.body.size > wholeLimit ? itemsLimit : wholeLimit);
    case "graphql": {
      const isDocument = type.name === "application/graphql";
      return items(graphqlItems(charset, isDocument), isDocument ? text() : json());
    }
    case "msgpack":
      return items(valueItems(parseMsgpack), hex());
    case "cbor":
      return items(valueItems(parseCbor), hex());
    case "image":
      return new PictureView(bytes, type.name, hex());
    case "text":
      return text();
    case "hex":
    case "encoded":
      return hex();
  }
}
