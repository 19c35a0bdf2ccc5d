/** One body: its content as what it is (text, a picture, a form, a hex dump), what is missing of it, and what can be found in it. */
import { charsetOfBody, decodeText, type Charset } from "../content/charset.ts";
import { codingsOf, mediaTypeOf } from "../content/headers.ts";
import { graphqlOfJson } from "../content/graphql.ts";
import { kindOf } from "../content/kind.ts";
import type { Arrival, Body, Header, Side } from "../protocol/exchange.ts";
import { stateText } from "../protocol/states.ts";
import { BodyBytes } from "./body-bytes.ts";
import { BodyMap } from "./body-map.ts";
import type { BytesView } from "./bytes-view.ts";
import { beginning, type ContentView, type Found, type Place } from "./content-view.ts";
import { DecodedContent } from "./decoded-content.ts";
import { h, note } from "./dom.ts";
import { decodeBody, findInBody, readBody } from "./extension-link.ts";
import { FindBar } from "./find-bar.ts";
import { GapSteps } from "./gap-steps.ts";
import { ModeButtons } from "./mode-buttons.ts";
import { modesOf, type Mode } from "./modes.ts";
import type { BodyState } from "./page-state.ts";
import { viewOf } from "./views.ts";

/** Those that show the body by its charset. */
const textModes: Mode[] = ["json", "lines", "form", "graphql", "text"];

/** Bytes by which it is told what a body is, and in which charset. */
const sampleSize = 256 * 1024;

export class BodyView {
  readonly element = h("div", { class: "body" });
  readonly finder: FindBar;
  readonly #gaps: GapSteps;
  readonly #modes: ModeButtons;
  readonly #map = new BodyMap();
  readonly #facts = h("p", { class: "facts-line" });
  readonly #place = h("div", { class: "content" });
  readonly #origins: BytesView;
  /** As it was sent. */
  readonly #bytes: BodyBytes;
  readonly #decoded: DecodedContent;
  readonly #key: string;
  readonly #side: Side;
  readonly #state: BodyState;
  readonly #changed: (state: BodyState) => void;
  #headers: Header[];
  #isDecoded: boolean;
  #arrivals: readonly Arrival[];
  #visible = false;
  #possible: readonly Mode[] = [];
  #shown: { mode: Mode; charset: string; bytes: BodyBytes; view: ContentView } | undefined;
  /** The refresh that runs, and whether another must follow. */
  #refreshing: Promise<void> | undefined;
  #again = false;

  /** `state`: how it was left; `changed` hears what it has become. `origins` says where the bytes come from. */
  constructor(
    { key, side, origins }: { key: string; side: Side; origins: BytesView },
    body: Body,
    headers: Header[],
    state: BodyState = { ...beginning },
    changed: (state: BodyState) => void,
  ) {
    this.#key = key;
    this.#side = side;
    this.#origins = origins;
    this.#state = state;
    this.#changed = changed;
    this.#headers = headers;
    this.#isDecoded = body.decoded ?? false;
    this.#arrivals = body.arrivals ?? [];
    this.#bytes = new BodyBytes(body, (start, end) => readBody(key, side, "body", start, end));
    this.#decoded = new DecodedContent(
      this.#bytes,
      () => decodeBody(key, side),
      (start, end) => readBody(key, side, "content", start, end),
    );
    this.#modes = new ModeButtons((mode) => void this.#change({ mode }));
    this.#gaps = new GapSteps((gap) => this.#showSent(gap));
    this.finder = new FindBar({
      find: (text, signal) => this.#find(text, signal),
      show: async (place) => void (await this.#shown?.view.show?.(place)),
    });
    const tools = h(
      "div",
      { class: "body-tools" },
      this.#modes.element,
      this.#gaps.element,
      this.finder.button,
    );
    this.element.append(
      ...[tools, this.finder.element, this.#map.element, this.#gaps.said, this.#facts, this.#place],
    );
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

  /** Goes to the next missing range, or to the previous one. */
  stepGap(direction: 1 | -1): void {
    void this.#gaps.step(direction);
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
        await this.#origins.update(this.#bytes);
      } catch (error) {
        this.#shown = undefined;
        this.#place.replaceChildren(note(error instanceof Error ? error.message : String(error)));
      }
    }
    this.#refreshing = undefined;
  }

  /** What isn't as one would think. */
  #showFacts(charset?: Charset): void {
    const { end, size } = this.#bytes.body;
    const codings = this.#codings();
    const facts = [
      codings.length > 0 && size > 0 ? this.#decoded.text(codings) : "",
      charset === undefined ? "" : charsetText(charset),
      end === "complete" || size === 0 ? "" : stateText[end],
    ];
    const text = facts.filter((fact) => fact !== "").join(" · ");
    if (this.#facts.textContent !== text) this.#facts.textContent = text;
    const { extents } = this.#bytes;
    this.#map.update(extents, size);
    this.#gaps.update(extents.filter((extent) => extent.kind === "missing"));
    this.finder.button.hidden = size === 0;
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
    const codings = this.#codings();
    if (codings.length > 0) await this.#decoded.update();
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
    this.#possible = modes;
    const wanted = this.#state.mode;
    const mode = wanted !== undefined && modes.includes(wanted) ? wanted : (modes[0] ?? "hex");
    this.#showFacts(textModes.includes(mode) ? charset : undefined);
    this.#modes.show(modes, mode);
    const shown = this.#shown;
    const from = mode === "encoded" ? this.#bytes : bytes;
    const isNew = shown?.mode !== mode || shown.charset !== charset.label || shown.bytes !== from;
    if (isNew) {
      const view = viewOf(mode, {
        ...{ bytes: from, charset: charset.label, type, reading: this.#state },
        arrivals: () => (from === this.#bytes ? this.#arrivals : []),
        changed: () => this.#change({}),
        find: (text, signal) => this.#findBytes(from, charset.label, text, signal),
      });
      this.#shown = { mode, charset: charset.label, bytes: from, view };
    }
    await this.#shown?.view.update();
    if (isNew && this.#shown !== undefined) this.#place.replaceChildren(this.#shown.view.element);
  }

  #codings(): string[] {
    return this.#isDecoded ? [] : codingsOf(this.#headers);
  }

  #change(change: Partial<BodyState>): Promise<void> {
    Object.assign(this.#state, change);
    this.#changed(this.#state);
    return this.#refresh();
  }

  /** Shows bytes of the body as it was sent: if not in this view, then in one that has a place for them. */
  async #showSent(place: Place): Promise<void> {
    const shown = this.#shown;
    if (shown?.bytes === this.#bytes && (await shown.view.show?.(place))) return;
    await this.#change({ mode: this.#possible.includes("encoded") ? "encoded" : "hex" });
    await this.#shown?.view.show?.(place);
  }

  /** Where the view can't find, one can that shows each byte. */
  async #find(text: string, signal: AbortSignal): Promise<Found> {
    const found = await this.#shown?.view.find?.(text, signal);
    if (found !== undefined) return found;
    await this.#change({ mode: this.#possible.includes("text") ? "text" : "hex" });
    return (await this.#shown?.view.find?.(text, signal)) ?? { places: [], notes: [] };
  }

  async #findBytes(bytes: BodyBytes, charset: string, text: string, signal: AbortSignal): Promise<Found> {
    const of = bytes === this.#bytes ? "body" : "content";
    const found = await findInBody({ key: this.#key, side: this.#side, of, text, charset }, signal);
    return { places: found.matches.map(([start, end]) => ({ start, end })), notes: found.notes };
  }
}

/** Nothing of what goes without saying. */
function charsetText({ label, by }: Charset): string {
  if (label === "utf-8") return "";
  return by === "assumed" ? `${label} (assumed: nothing tells the charset)` : label;
}
