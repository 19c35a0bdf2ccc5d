/** A body as JSON, indented once it is whole; as its text until then. */
import { prettyJson } from "../content/json.ts";
import type { BodyBytes } from "./body-bytes.ts";
import type { ContentView, Reading } from "./content-view.ts";
import { h, note } from "./dom.ts";
import { RestNote, TextView } from "./text-view.ts";
import { TextDecoding } from "./text.ts";

/** In bytes: what is longer is shown as it was sent. */
const prettyLimit = 2 * 1024 * 1024;

export class JsonView implements ContentView {
  readonly element = h("div", {});
  readonly #bytes: BodyBytes;
  readonly #charset: string;
  readonly #reading: Reading;
  readonly #asSent: TextView;
  readonly #rest: RestNote;
  readonly #text = h("pre", { class: "text", tabindex: "0" });
  #pretty: string | undefined;

  constructor(bytes: BodyBytes, charset: string, reading: Reading, changed: () => void) {
    this.#bytes = bytes;
    this.#charset = charset;
    this.#reading = reading;
    this.#asSent = new TextView(bytes, charset, reading, changed);
    this.#rest = new RestNote(reading, changed);
    this.element.append(
      note("Not shown as JSON: it isn't whole, isn't valid, or is too long."),
      this.#asSent.element,
    );
  }

  async update(): Promise<void> {
    const isNew = this.#pretty === undefined;
    this.#pretty ??= await this.#indent();
    if (this.#pretty === undefined) return this.#asSent.update();
    if (isNew) this.element.replaceChildren(this.#text, this.#rest.element);
    const text = this.#pretty.slice(0, this.#reading.shown);
    const before = this.#text.textContent;
    if (text.length > before.length) this.#text.append(text.slice(before.length));
    this.#rest.show(text.length, this.#pretty.length, "characters");
  }

  async #indent(): Promise<string | undefined> {
    const { size } = this.#bytes.body;
    if (!this.#bytes.isWhole || size > prettyLimit) return undefined;
    const bytes = await this.#bytes.read(0, size);
    const [part] = new TextDecoding(this.#charset).take(bytes, this.#bytes.extents, false);
    return part?.kind === "text" ? prettyJson(part.text) : undefined;
  }
}
