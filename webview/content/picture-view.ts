/** A body as a picture, once it is whole; as a hex dump until then. */
import { pictureOf } from "../../content/picture.ts";
import { sizeText } from "../../protocol/format.ts";
import { wholeLimit, type BodyBytes } from "./body-bytes.ts";
import type { ContentView } from "./content-view.ts";
import { h, note } from "../dom.ts";

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
    const length = this.#bytes.body.size;
    if (length > wholeLimit) {
      this.element.replaceChildren(note(`The picture is larger than ${sizeText(wholeLimit)}.`));
      return;
    }
    const bytes = new Uint8Array(await this.#bytes.read(0, length));
    // What the bytes say goes before what the headers do, as browsers have it.
    const { type = this.#mime, width, height } = pictureOf(bytes) ?? {};
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    const image = h("img", { src: url, alt: `The body as ${type}` });
    const size = width === undefined || height === undefined ? "" : `, ${width} × ${height} pixels`;
    const failed = note("These bytes are no picture that can be shown.");
    image.addEventListener("load", () => URL.revokeObjectURL(url));
    image.addEventListener("error", () => image.replaceWith(failed));
    this.element.replaceChildren(note(`${type}${size}`), image);
  }
}
