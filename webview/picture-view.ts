/** A body as a picture, once it is whole; as a hex dump until then. */
import { sizeText } from "../protocol/format.ts";
import { wholeLimit, type BodyBytes } from "./body-bytes.ts";
import type { ContentView } from "./content-view.ts";
import { h, note } from "./dom.ts";

export class PictureView implements ContentView {
  readonly element = h("div", {});
  readonly #bytes: BodyBytes;
  readonly #mime: string;
  readonly #otherwise: ContentView;
  #isShown = false;

  constructor(bytes: BodyBytes, mime: string, otherwise: ContentView) {
    this.#bytes = bytes;
    this.#mime = mime;
    this.#otherwise = otherwise;
    this.element.append(
      note("The picture can't be shown: its bytes are not all there."),
      this.#otherwise.element,
    );
  }

  async update(): Promise<void> {
    if (!this.#bytes.isWhole) return this.#otherwise.update();
    if (this.#isShown) return;
    this.#isShown = true;
    const { size } = this.#bytes.body;
    if (size > wholeLimit) {
      this.element.replaceChildren(note(`The picture is larger than ${sizeText(wholeLimit)}.`));
      return;
    }
    const bytes = new Uint8Array(await this.#bytes.read(0, size));
    const url = URL.createObjectURL(new Blob([bytes], { type: this.#mime }));
    const image = h("img", { src: url, alt: `The body as ${this.#mime}` });
    const failed = note("These bytes are no picture that can be shown.");
    image.addEventListener("load", () => URL.revokeObjectURL(url));
    image.addEventListener("error", () => image.replaceWith(failed));
    this.element.replaceChildren(image);
  }
}
