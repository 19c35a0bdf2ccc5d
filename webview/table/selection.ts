/** The selected row, and how keys move it. The extension learns of it, and shows it once the keys rest. */
import { vscode } from "./extension-link.ts";

/** Milliseconds for which keys rest before the row is shown. */
const rest = 90;

export class Selection {
  key: string | undefined;
  /** Among all rows; -1: it is none of them. */
  place = -1;
  #timer: number | undefined;

  /** Its row is gone: the extension knows. */
  drop(): void {
    window.clearTimeout(this.#timer);
    this.key = undefined;
    this.place = -1;
  }

  /** `how`: `now` by a click; `soon` by keys; `open`: the keyboard goes there. */
  select(key: string | undefined, place: number, how: "now" | "soon" | "open"): void {
    window.clearTimeout(this.#timer);
    this.key = key;
    this.place = key === undefined ? -1 : place;
    if (key === undefined || how === "soon") vscode.postMessage({ type: "select", key });
    if (key === undefined) return;
    const opens = how === "open" ? "focused" : "beside";
    const show = () => vscode.postMessage({ type: "select", key, opens });
    if (how === "soon") this.#timer = window.setTimeout(show, rest);
    else show();
  }
}

/** Where a key leads from `place` (-1: nowhere yet); undefined: it is no such key. `page`: rows that are seen. */
export function placeBy(key: string, place: number, length: number, page: number): number | undefined {
  const last = length - 1;
  const moved = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    PageDown: Math.max(place, 0) + page,
    PageUp: place - page,
    Home: 0,
    End: last,
  }[key];
  return moved === undefined || length === 0 ? undefined : Math.min(Math.max(moved, 0), last);
}
