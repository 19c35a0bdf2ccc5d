/** How a body came to be there, at a glance: by which system calls, and what is missing. Only where that is more than one. */
import { sizeText } from "../../protocol/format.ts";
import { h } from "../dom.ts";
import type { Extent } from "../content/extents.ts";

/** Parts of the bar: more can't be told apart. */
const mostParts = 200;

/** Of the sources each has a look of its own, of those that are often mixed. */
type Part = { name: string; size: number };

export class BodyMap {
  readonly element = h("div", { class: "map" });
  #shown = "";

  update(extents: readonly Extent[], size: number): void {
    const sums = sumsOf(extents);
    const isPlain = sums.length < 2 && !sums.some(({ name }) => name === missing);
    const shown = isPlain ? "" : JSON.stringify(extents);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (isPlain) return this.element.replaceChildren();
    const words = sums.map(({ name, size: bytes }) => `${name} ${sizeText(bytes)}`).join(", ");
    const bar = h("div", { class: "bar", role: "img", "aria-label": `The body by its sources: ${words}` });
    bar.append(...partsOf(extents, size).map(barPart));
    const legend = sums.flatMap(({ name, size: bytes }) => [
      h("span", { class: `key ${classOf(name)}`, "aria-hidden": "true" }),
      `${name} `,
      h("span", { class: "quiet" }, sizeText(bytes)),
      " ",
    ]);
    this.element.replaceChildren(bar, h("p", { class: "legend" }, ...legend));
  }
}

const missing = "missing";

function nameOf(extent: Extent): string {
  return extent.kind === "missing" ? missing : extent.source;
}

function sumsOf(extents: readonly Extent[]): Part[] {
  const sums = new Map<string, number>();
  for (const extent of extents)
    sums.set(nameOf(extent), (sums.get(nameOf(extent)) ?? 0) + extent.end - extent.start);
  return [...sums].map(([name, size]) => ({ name, size }));
}

/** In order. Of very many each part is a stretch of the body: missing where anything in it is, else what most of it is. */
function partsOf(extents: readonly Extent[], size: number): Part[] {
  if (extents.length <= mostParts)
    return extents.map((extent) => ({ name: nameOf(extent), size: extent.end - extent.start }));
  const columns = Array.from({ length: mostParts }, () => new Map<string, number>());
  for (const extent of extents)
    for (let at = extent.start; at < extent.end;) {
      const column = Math.min(mostParts - 1, Math.floor((at / size) * mostParts));
      const end = Math.min(extent.end, Math.max(at + 1, Math.ceil(((column + 1) * size) / mostParts)));
      const sums = columns[column]!;
      sums.set(nameOf(extent), (sums.get(nameOf(extent)) ?? 0) + end - at);
      at = end;
    }
  return columns.map((sums) => {
    const most = [...sums].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? missing;
    return { name: sums.has(missing) ? missing : most, size: 1 };
  });
}

function barPart({ name, size }: Part): HTMLElement {
  const part = h("span", { class: classOf(name) });
  part.style.flexGrow = String(size);
  return part;
}

function classOf(name: string): string {
  if (name === missing) return missing;
  return name === "sendfile" || name === "splice" ? "by-kernel" : "by-copy";
}
