/** One body: its facts, where its bytes come from, and its bytes as JSON, text, picture or hex dump. */
import type { Body, Header, Side } from "../protocol/exchange.ts";
import { sizeText } from "../protocol/format.ts";
import { missingText, stateText } from "../protocol/reasons.ts";
import { BodyBytes } from "./body-bytes.ts";
import { contentOf, modesFor, type Content, type Mode } from "./content.ts";
import { h } from "./dom.ts";
import { readBody } from "./extension-link.ts";
import { extentsOf, type Extent } from "./extents.ts";
import { hexLines, rangeText } from "./hex.ts";
import { prettyJson, textParts } from "./text.ts";

/** Text shown at first, and added by each "Load more", in bytes. */
const textStep = 256 * 1024;
/** JSON beyond this is shown as it was sent. */
const prettyLimit = 2 * 1024 * 1024;
/** Pictures and digests take the whole body at once. */
const wholeLimit = 16 * 1024 * 1024;
const hexPageSize = 16 * 1024;
/** Extents listed; a body may have one for each write. */
const extentsListed = 100;

const modeText: Record<Mode, string> = { json: "JSON", text: "Text", image: "Image", hex: "Hex" };

export class BodyView {
  readonly element = h("div", { class: "body" });
  readonly #facts = h("p", { class: "facts-line" });
  readonly #digest = h("p", { class: "digest" });
  readonly #extents = h("div", {});
  readonly #modes = h("div", { class: "modes", role: "group", "aria-label": "Show the body as" });
  readonly #shown = h("div", { class: "content" });
  readonly #bytes: BodyBytes;
  #body: Body;
  #content: Content;
  #mode: Mode | undefined;
  #textShown = textStep;
  #hexPage = 0;
  #picture: string | undefined;
  /** Counts renderings: one that was overtaken while it waited for bytes shows nothing. */
  #rendering = 0;

  constructor(key: string, side: Side, body: Body, headers: Header[]) {
    this.#body = body;
    this.#content = contentOf(headers);
    this.#bytes = new BodyBytes(body, (start, end) => readBody(key, side, start, end));
    this.element.append(this.#facts, this.#digest, this.#extents, this.#modes, this.#shown);
    this.#render();
  }

  update(body: Body, headers: Header[]): void {
    if (JSON.stringify(body) === JSON.stringify(this.#body)) return;
    this.#body = body;
    this.#content = contentOf(headers);
    this.#bytes.update(body);
    this.#render();
  }

  dispose(): void {
    this.#rendering++;
    if (this.#picture !== undefined) URL.revokeObjectURL(this.#picture);
  }

  #render(): void {
    const rendering = ++this.#rendering;
    const { size, end, missing } = this.#body;
    const gaps = missing.reduce((sum, { start, end }) => sum + end - start, 0);
    const facts = [
      `${sizeText(size)}${size < 1000 ? "" : ` (${size.toLocaleString("en-US")} bytes)`}`,
      this.#content.mime,
      stateText[end],
      gaps > 0 ? `${gaps.toLocaleString("en-US")} bytes missing` : "",
    ];
    this.#facts.textContent = facts.filter((fact) => fact !== "").join(" · ");
    const extents = extentsOf(this.#body);
    this.#extents.replaceChildren(...(extents.length > 0 ? [extentsTable(extents)] : []));
    if (size === 0) {
      this.#modes.replaceChildren();
      this.#shown.replaceChildren(
        note(end === "complete" ? "No body." : "Nothing of the body was seen yet."),
      );
      this.#digest.textContent = "";
      return;
    }
    this.#show(rendering, extents).catch((error: unknown) => {
      if (rendering === this.#rendering)
        this.#shown.replaceChildren(note(error instanceof Error ? error.message : String(error)));
    });
    this.#showDigest(rendering).catch(() => {
      this.#digest.textContent = "";
    });
  }

  get #whole(): boolean {
    return this.#body.end === "complete" && this.#body.missing.length === 0;
  }

  async #show(rendering: number, extents: Extent[]): Promise<void> {
    const modes = modesFor(this.#content, await this.#bytes.read(0, 4096));
    const mode = this.#mode !== undefined && modes.includes(this.#mode) ? this.#mode : (modes[0] ?? "hex");
    const nodes = await this.#contentNodes(mode, extents);
    if (rendering !== this.#rendering) return;
    // The buttons are made anew: the keyboard stays on the one of the same name.
    const focused = document.activeElement;
    const label =
      focused instanceof HTMLButtonElement && this.element.contains(focused) ? focused.textContent : null;
    this.#modes.replaceChildren(...modes.map((name) => this.#modeButton(name, name === mode)));
    this.#shown.replaceChildren(...nodes);
    if (label !== null)
      [...this.element.querySelectorAll("button")].find((button) => button.textContent === label)?.focus();
  }

  #modeButton(mode: Mode, pressed: boolean): HTMLElement {
    const choose = () => {
      this.#mode = mode;
      this.#render();
    };
    return h("button", { type: "button", "aria-pressed": String(pressed), onclick: choose }, modeText[mode]);
  }

  async #contentNodes(mode: Mode, extents: Extent[]): Promise<Node[]> {
    switch (mode) {
      case "json":
      case "text":
        return this.#textNodes(mode, extents);
      case "image":
        return this.#pictureNodes();
      case "hex":
        return this.#hexNodes(extents);
    }
  }

  async #textNodes(mode: "json" | "text", extents: Extent[]): Promise<Node[]> {
    const { size } = this.#body;
    if (mode === "json" && this.#whole && size <= prettyLimit) {
      const [part] = textParts(await this.#bytes.read(0, size), extents, this.#content.charset, false);
      const pretty = part?.kind === "text" ? prettyJson(part.text) : undefined;
      if (pretty !== undefined) return this.#prettyNodes(pretty);
    }
    const bytes = await this.#bytes.read(0, this.#textShown);
    const parts = textParts(
      bytes,
      extents,
      this.#content.charset,
      bytes.length < size || this.#body.end !== "complete",
    );
    const pre = h("pre", { class: "text", tabindex: "0" });
    for (const part of parts) pre.append(part.kind === "text" ? part.text : gapMark(part.gap));
    const notes =
      mode === "json" ? [note("Not shown as JSON: it isn't whole, isn't valid, or is too long.")] : [];
    return [...notes, pre, ...this.#more(bytes.length, size, "bytes")];
  }

  #prettyNodes(pretty: string): Node[] {
    const text = pretty.slice(0, this.#textShown);
    return [
      h("pre", { class: "text", tabindex: "0" }, text),
      ...this.#more(text.length, pretty.length, "characters"),
    ];
  }

  #more(shown: number, all: number, unit: string): Node[] {
    if (shown >= all) return [];
    const load = () => {
      this.#textShown += textStep;
      this.#render();
    };
    const text = `Shown: the first ${shown.toLocaleString("en-US")} of ${all.toLocaleString("en-US")} ${unit}. `;
    return [h("p", { class: "note" }, text, h("button", { type: "button", onclick: load }, "Load more"))];
  }

  async #pictureNodes(): Promise<Node[]> {
    if (!this.#whole)
      return [
        note("The picture can't be shown: its bytes are not all there."),
        ...(await this.#hexNodes(extentsOf(this.#body))),
      ];
    if (this.#body.size > wholeLimit) return [note(`The picture is larger than ${sizeText(wholeLimit)}.`)];
    const bytes = await this.#bytes.read(0, this.#body.size);
    if (this.#picture !== undefined) URL.revokeObjectURL(this.#picture);
    this.#picture = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: this.#content.mime }));
    const image = h("img", { src: this.#picture, alt: `The body as ${this.#content.mime}` });
    const failed = note("These bytes are no picture that can be shown.");
    image.addEventListener("error", () => image.replaceWith(failed));
    return [image];
  }

  async #hexNodes(extents: Extent[]): Promise<Node[]> {
    const { size } = this.#body;
    const pages = Math.ceil(size / hexPageSize);
    const page = Math.min(this.#hexPage, pages - 1);
    const start = page * hexPageSize;
    const bytes = await this.#bytes.read(start, start + hexPageSize);
    const lines = hexLines(bytes, start, extents).map((line) =>
      line.kind === "row"
        ? h(
            "div",
            { class: "row" },
            h("span", { class: "offset" }, line.offset),
            h("span", { class: "bytes" }, line.hex),
            h("span", { class: "ascii" }, line.ascii),
          )
        : h("div", { class: line.kind }, line.text),
    );
    const { coding } = this.#content;
    const coded =
      coding === undefined
        ? []
        : [note(`The body is encoded (Content-Encoding: ${coding}); shown as it was sent.`)];
    const dump = h(
      "div",
      { class: "hex", tabindex: "0", role: "region", "aria-label": "Hex dump" },
      ...lines,
    );
    return [...coded, ...(pages > 1 ? [this.#pager(page, pages)] : []), dump];
  }

  #pager(page: number, pages: number): HTMLElement {
    const button = (label: string, to: number) => {
      const turn = () => {
        this.#hexPage = to;
        this.#render();
      };
      const disabled = to < 0 || to >= pages || to === page;
      return h("button", { type: "button", disabled, onclick: turn }, label);
    };
    const place = `Page ${page + 1} of ${pages}`;
    return h(
      "div",
      { class: "pager" },
      button("First", 0),
      button("Previous", page - 1),
      h("span", { role: "status" }, place),
      button("Next", page + 1),
      button("Last", pages - 1),
    );
  }

  /** The digest is of the bytes that the page holds: equal to the file's, it proves them to be the file. */
  async #showDigest(rendering: number): Promise<void> {
    const { size } = this.#body;
    if (!this.#whole || size > wholeLimit) {
      this.#digest.textContent = "";
      return;
    }
    const bytes = await this.#bytes.read(0, size);
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (rendering === this.#rendering) this.#digest.textContent = `SHA-256 ${hex}`;
  }
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
  const more = rest > 0 ? [h("p", { class: "note" }, `and ${rest} more`)] : [];
  const table = h(
    "table",
    { class: "extents", "aria-label": "Where the bytes come from" },
    h("tbody", {}, ...rows),
  );
  return h("div", {}, table, ...more);
}

function gapMark(gap: Extent & { kind: "missing" }): HTMLElement {
  return h("span", { class: "gap" }, `${rangeText(gap)} missing: ${missingText[gap.reason]}`);
}

function note(text: string): HTMLElement {
  return h("p", { class: "note" }, text);
}
