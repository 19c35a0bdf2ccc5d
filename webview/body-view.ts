/** One body: its facts, where its bytes come from, and its content as what it is: text, a picture, a form, a hex dump. */
import { charsetOfBody, decodeText, type Charset } from "../content/charset.ts";
import { codingsOf, mediaTypeOf } from "../content/headers.ts";
import { parseCbor, parseMsgpack } from "../content/binary-json.ts";
import { graphqlOfJson } from "../content/graphql.ts";
import { kindOf } from "../content/kind.ts";
import type { Arrival, Body, Header, Side } from "../protocol/exchange.ts";
import { sizeText } from "../protocol/format.ts";
import { missingText } from "../protocol/reasons.ts";
import { stateText } from "../protocol/states.ts";
import { BodyBytes, wholeLimit } from "./body-bytes.ts";
import type { ContentView } from "./content-view.ts";
import { DecodedContent } from "./decoded-content.ts";
import { h, keepFocus, note } from "./dom.ts";
import { decodeBody, readBody } from "./extension-link.ts";
import { eventItems } from "./event-items.ts";
import type { Extent } from "./extents.ts";
import { formItems } from "./form-items.ts";
import { graphqlItems } from "./graphql-items.ts";
import { HexView } from "./hex-view.ts";
import { rangeText } from "./hex.ts";
import { ItemsView, type ReadItems } from "./items-view.ts";
import { JsonView } from "./json-view.ts";
import { lineItems } from "./line-items.ts";
import { modesOf, modeText, type Mode } from "./modes.ts";
import type { BodyState } from "./page-state.ts";
import { partItems } from "./part-items.ts";
import { PictureView } from "./picture-view.ts";
import { textStep, TextView } from "./text-view.ts";
import { valueItems } from "./value-items.ts";

/** Bytes of a body that are read at once, where it is more than text; of parts, most of which are files, more. */
const itemsLimit = 2 * 1024 * 1024;
const partsLimit = wholeLimit;

/** Extents listed; a body may have one for each write. */
const extentsListed = 100;

/** Those that show the body by its charset. */
const textModes: Mode[] = ["json", "lines", "form", "graphql", "text"];

/** Bytes by which it is told what a body is, and in which charset. */
const sampleSize = 256 * 1024;

export class BodyView {
  readonly element = h("div", { class: "body" });
  readonly #facts = h("p", { class: "facts-line" });
  readonly #codings = h("p", { class: "facts-line" });
  readonly #digest = h("p", { class: "digest" });
  readonly #extents = h("div", {});
  readonly #modes = h("div", { class: "modes", role: "group", "aria-label": "Show the body as" });
  readonly #place = h("div", { class: "content" });
  /** As it was sent. */
  readonly #bytes: BodyBytes;
  readonly #decoded: DecodedContent;
  readonly #side: Side;
  readonly #state: BodyState;
  readonly #changed: (state: BodyState) => void;
  #headers: Header[];
  #isDecoded: boolean;
  #arrivals: readonly Arrival[];
  #visible = false;
  #modeButtons = "";
  #shown: { mode: Mode; charset: string; bytes: BodyBytes; view: ContentView } | undefined;
  /** The refresh that runs, and whether another must follow. */
  #refreshing: Promise<void> | undefined;
  #again = false;
  #isDigested = false;

  /** `state`: how it was left; `changed` hears what it has become. */
  constructor(
    key: string,
    side: Side,
    body: Body,
    headers: Header[],
    state: BodyState = { shown: textStep, page: 0 },
    changed: (state: BodyState) => void,
  ) {
    this.#side = side;
    this.#state = state;
    this.#changed = changed;
    this.#headers = headers;
    this.#isDecoded = body.decoded ?? false;
    this.#arrivals = body.arrivals ?? [];
    this.#bytes = new BodyBytes(body, (start, end) => readBody(key, side, start, end));
    this.#decoded = new DecodedContent(this.#bytes, () => decodeBody(key, side));
    this.element.append(this.#facts, this.#codings, this.#digest, this.#extents, this.#modes, this.#place);
  }

  /** While it isn't visible it fetches nothing. Resolves when it shows what is known. */
  async show(visible: boolean): Promise<void> {
    this.#visible = visible;
    await this.#refresh();
  }

  update(body: Body, headers: Header[]): void {
    if (JSON.stringify(body) === JSON.stringify(this.#bytes.body)) return;
    this.#bytes.update(body);
    this.#headers = headers;
    this.#isDecoded = body.decoded ?? false;
    this.#arrivals = body.arrivals ?? [];
    void this.#refresh();
  }

  /** One at a time, each of the newest knowledge: a view is never brought up to date twice at once. */
  #refresh(): Promise<void> {
    if (!this.#visible) return Promise.resolve();
    this.#again = true;
    return (this.#refreshing ??= this.#refreshAll());
  }

  async #refreshAll(): Promise<void> {
    while (this.#again && this.#visible) {
      this.#again = false;
      try {
        await this.#showContent();
        await this.#showDigest();
      } catch (error) {
        this.#shown = undefined;
        this.#place.replaceChildren(note(error instanceof Error ? error.message : String(error)));
      }
    }
    this.#refreshing = undefined;
  }

  #showFacts(charset?: Charset): void {
    const { size, end, missing } = this.#bytes.body;
    const gaps = missing.reduce((sum, { start, end }) => sum + end - start, 0);
    const facts = [
      `${sizeText(size)}${size < 1000 ? "" : ` (${size.toLocaleString("en-US")} bytes)`}`,
      mediaTypeOf(this.#headers).name,
      charset === undefined ? "" : charsetText(charset),
      stateText[end],
      gaps > 0 ? `${gaps.toLocaleString("en-US")} bytes missing` : "",
    ];
    this.#facts.textContent = facts.filter((fact) => fact !== "").join(" · ");
    const { extents } = this.#bytes;
    this.#extents.replaceChildren(...(extents.length > 0 ? [extentsTable(extents)] : []));
  }

  async #showContent(): Promise<void> {
    const { size, end } = this.#bytes.body;
    if (size === 0) {
      this.#showFacts();
      this.#place.replaceChildren(
        note(end === "complete" ? "No body." : "Nothing of the body was seen yet."),
      );
      return;
    }
    const codings = this.#isDecoded ? [] : codingsOf(this.#headers);
    if (codings.length > 0) await this.#decoded.update();
    this.#codings.textContent = codings.length > 0 ? this.#decoded.text(codings) : "";
    const bytes = codings.length > 0 ? this.#decoded.bytes : this.#bytes;
    const type = mediaTypeOf(this.#headers);
    const sample = await bytes.beginning(sampleSize);
    // What couldn't be decoded is not of the type that the headers tell.
    const isCoded = codings.length > 0 && !this.#decoded.isContent;
    const kind = kindOf(isCoded ? { ...type, name: "" } : type, sample);
    const charset = charsetOfBody(sample, type, bytes.body.ranges);
    const modes = modesOf(kind, type.name === "image/svg+xml");
    if (this.#side === "request" && kind === "json")
      if (graphqlOfJson(decodeText(sample, charset.label)) !== undefined) modes.unshift("graphql");
    if (bytes !== this.#bytes) modes.push("encoded");
    const wanted = this.#state.mode;
    const mode = wanted !== undefined && modes.includes(wanted) ? wanted : (modes[0] ?? "hex");
    this.#showFacts(textModes.includes(mode) ? charset : undefined);
    this.#showModes(modes, mode);
    const shown = this.#shown;
    const isNew = shown?.mode !== mode || shown.charset !== charset.label || shown.bytes !== bytes;
    if (isNew)
      this.#shown = { mode, charset: charset.label, bytes, view: this.#create(mode, bytes, charset.label) };
    await this.#shown?.view.update();
    if (isNew && this.#shown !== undefined) this.#place.replaceChildren(this.#shown.view.element);
  }

  #create(mode: Mode, bytes: BodyBytes, charset: string): ContentView {
    const changed = () => this.#change({});
    const hex = () => new HexView(bytes, this.#state, changed);
    const text = () => new TextView(bytes, charset, this.#state, changed);
    const json = () => new JsonView(bytes, charset, this.#state, changed);
    const items = (read: ReadItems, otherwise: ContentView, limit = itemsLimit) =>
      new ItemsView(bytes, limit, read, otherwise);
    const type = mediaTypeOf(this.#headers);
    switch (mode) {
      case "json":
        return json();
      case "lines":
        return items(lineItems(charset), text());
      case "events":
        return items(
          eventItems(() => (bytes === this.#bytes ? this.#arrivals : [])),
          text(),
        );
      case "form":
        return items(formItems(charset), text());
      case "multipart":
        return items(partItems(type), text(), partsLimit);
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
        return hex();
      case "encoded":
        return new HexView(this.#bytes, this.#state, changed);
    }
  }

  #showModes(modes: Mode[], pressed: Mode): void {
    const buttons = JSON.stringify([modes, pressed]);
    if (buttons === this.#modeButtons) return;
    this.#modeButtons = buttons;
    const button = (mode: Mode) => {
      const choose = () => this.#change({ mode });
      return h(
        "button",
        { type: "button", "aria-pressed": String(mode === pressed), onclick: choose },
        modeText[mode],
      );
    };
    keepFocus(this.#modes, () => this.#modes.replaceChildren(...modes.map(button)));
  }

  #change(change: Partial<BodyState>): void {
    Object.assign(this.#state, change);
    this.#changed(this.#state);
    void this.#refresh();
  }

  /** The digest is of the bytes that the page holds: equal to the file's, it proves them to be the file. */
  async #showDigest(): Promise<void> {
    const { size } = this.#bytes.body;
    const isDue = this.#bytes.isWhole && size > 0 && size <= wholeLimit;
    if (!isDue) this.#digest.textContent = "";
    else if (!this.#isDigested) {
      const bytes = await this.#bytes.read(0, size);
      const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
      const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      this.#digest.textContent = `SHA-256 ${hex}`;
    }
    this.#isDigested = isDue;
  }
}

/** Nothing of what goes without saying. */
function charsetText({ label, by }: Charset): string {
  if (label === "utf-8") return "";
  return by === "assumed" ? `${label} (assumed: nothing tells the charset)` : label;
}

function extentsTable(extents: Extent[]): HTMLElement {
  const rows = extents
    .slice(0, extentsListed)
    .map((extent) =>
      h(
        "tr",
        { class: extent.kind },
        h("td", {}, rangeText(extent)),
        h("td", {}, sizeText(extent.end - extent.start)),
        h("td", {}, extent.kind === "held" ? extent.source : `missing: ${missingText[extent.reason]}`),
      ),
    );
  const rest = extents.length - extentsListed;
  const more = rest > 0 ? [note(`and ${rest} more`)] : [];
  const table = h(
    "table",
    { class: "extents", "aria-label": "Where the bytes come from" },
    h("tbody", {}, ...rows),
  );
  return h("div", {}, table, ...more);
}
