/** Clicks on the tree's rows, and what was hit: under traffic another row may have come under the mouse. */
import type { Locator, Page } from "playwright-core";

export class RowClicks {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Clicks where `row` is, and gives the text of the row that was hit; undefined: it was drawn anew under the press. */
  async click(row: Locator): Promise<string | undefined> {
    await this.#page.evaluate(listen);
    await row.click();
    return (await this.#page.evaluate<string | null>("clickedRow")) ?? undefined;
  }

  /** Clicks on `row` after the window was busy for that long, and before it takes what it was told meanwhile. */
  async clickWhileBusy(row: Locator, milliseconds: number): Promise<void> {
    await row.evaluate(beBusyAndClick, milliseconds);
  }
}

/** Runs in the window, whose types aren't ours. */
const listen = `{
  globalThis.clickedRow = null;
  const heed = ({ target }) => (globalThis.clickedRow = target.closest(".monaco-list-row")?.ariaLabel);
  document.addEventListener("click", heed, { capture: true, once: true });
}`;

interface InWindow {
  dispatchEvent(event: object): void;
  ownerDocument: {
    defaultView: { MouseEvent: new (type: string, options: { bubbles: boolean; detail: number }) => object };
  };
}

function beBusyAndClick(row: InWindow, milliseconds: number): void {
  const { MouseEvent } = row.ownerDocument.defaultView;
  for (const end = Date.now() + milliseconds; Date.now() < end;);
  for (const type of ["mousedown", "mouseup", "click"])
    row.dispatchEvent(new MouseEvent(type, { bubbles: true, detail: 1 }));
}
