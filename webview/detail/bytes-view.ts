/** Where a body's bytes come from, range by range, and their digest. */
import { rangeText, sizeText } from "../../protocol/format.ts";
import { missingBytes, missingText } from "../../protocol/reasons.ts";
import { stateText } from "../../protocol/states.ts";
import { wholeLimit, type BodyBytes } from "../content/body-bytes.ts";
import { h, note } from "../dom.ts";
import type { Extent } from "../content/extents.ts";
import type { Openings } from "./openings.ts";
import { Section } from "./section.ts";

/** Extents listed; a body may have one for each write. */
const extentsListed = 100;
/** In bytes: up to here a body is digested unasked. */
const unasked = 1024 * 1024;

export class BytesView {
  readonly section: Section;
  readonly #size = h("p", { class: "facts-line" });
  readonly #ranges = h("div", {});
  readonly #digest = h("p", { class: "digest" });
  #shown = "";
  #isAsked = false;

  constructor(openings: Openings) {
    this.section = new Section("bytes", "Bytes", openings, this.#size, this.#digest, this.#ranges);
    this.section.element.hidden = true;
  }

  /** `bytes`: as they were sent. Resolves when the digest is there, where it is due. */
  async update(bytes: BodyBytes): Promise<void> {
    const { extents, body, isWhole } = bytes;
    const shown = JSON.stringify([body.size, body.end, extents, this.#isAsked]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.section.element.hidden = body.size === 0;
    const missing = missingBytes(body.missing);
    const facts = [
      countText(body.size),
      body.end === "complete" ? "" : stateText[body.end],
      missing > 0 ? `${countText(missing)} missing` : "",
    ].filter((fact) => fact !== "");
    const sources = new Set(extents.flatMap((extent) => (extent.kind === "held" ? [extent.source] : [])));
    this.section.say([...facts, `by ${[...sources].join(" and ")}`].join(", "));
    this.#size.textContent = facts.join(" · ");
    this.#ranges.replaceChildren(extentsTable(extents));
    const isDue = isWhole && body.size > 0;
    if (!isDue) this.#digest.textContent = body.missing.length > 0 ? "No SHA-256: bytes are missing." : "";
    else if (body.size > wholeLimit)
      this.#digest.textContent = `No SHA-256: the body is larger than ${sizeText(wholeLimit)}. A file of it has one.`;
    else if (body.size > unasked && !this.#isAsked) this.#digest.replaceChildren(this.#ask(bytes));
    else this.#digest.textContent = `SHA-256 ${await digestOf(bytes)}`;
  }

  #ask(bytes: BodyBytes): HTMLElement {
    const ask = () => {
      this.#isAsked = true;
      this.#digest.textContent = "SHA-256: reading the body…";
      this.update(bytes).catch((error: unknown) => {
        this.#digest.textContent = error instanceof Error ? error.message : String(error);
      });
    };
    return h("button", { type: "button", onclick: ask }, "Compute the SHA-256");
  }
}

function countText(bytes: number): string {
  return `${bytes.toLocaleString("en-US")} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** Of the bytes that the page holds: equal to a file's, it proves them to be the file. */
async function digestOf(bytes: BodyBytes): Promise<string> {
  const all = await bytes.read(0, bytes.body.size);
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(all));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function extentsTable(extents: readonly Extent[]): HTMLElement {
  const rows = extents
    .slice(0, extentsListed)
    .map((extent) =>
      h(
        "tr",
        { class: extent.kind },
        h("td", {}, rangeText(extent).replace(/^bytes? /, "")),
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
