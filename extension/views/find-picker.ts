/** "Find in Exchanges": what is typed is searched for at once, and hits are listed as they come, the newest exchange first. */
import * as vscode from "vscode";
import type { ExchangeRow } from "../model/exchange-row.ts";
import type { Exchanges } from "../model/exchanges.ts";
import { find, foundText, type Finding, type Found } from "../model/finding.ts";
import { isListed } from "../model/other-ends.ts";
import type { Recordings } from "../model/recordings.ts";
import type { ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";
import { rowText } from "../model/text.ts";

/** Milliseconds without a key after which it is searched for. */
const pause = 200;
const title = "Find in Exchanges";
/** Pixels of a row that are seen in VS Code's list. */
const width = 520;

export interface FinderSurroundings {
  exchanges: Exchanges;
  recordings: Recordings;
  sources: Sources;
  /** Resolves when every row is there that was captured until now: what was found may be newer than the rows. */
  catchUp(): Promise<void>;
  open(found: Found): void;
}

/** `found`: absent of what is only said. */
type Item = vscode.QuickPickItem & { found?: Found };

export class FindPicker implements vscode.Disposable {
  readonly #surroundings: FinderSurroundings;
  /** What was looked for last: whoever comes back goes on with it. */
  #query = "";
  #pick: Pick | undefined;

  constructor(surroundings: FinderSurroundings) {
    this.#surroundings = surroundings;
  }

  show(): void {
    this.#pick?.dispose();
    this.#pick = new Pick(this.#surroundings, this.#query, (query) => (this.#query = query));
  }

  dispose(): void {
    this.#pick?.dispose();
  }
}

/** From the showing to the hiding. */
class Pick {
  readonly #surroundings: FinderSurroundings;
  readonly #pick = vscode.window.createQuickPick<Item>();
  readonly #asked: (query: string) => void;
  #cancellation = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #items: Item[] = [];

  constructor(surroundings: FinderSurroundings, query: string, asked: (query: string) => void) {
    this.#surroundings = surroundings;
    this.#asked = asked;
    const pick = this.#pick;
    // VS Code would bring those up whose labels have what is typed, before newer ones. Not in its types.
    Object.assign(pick, { sortByLabel: false });
    pick.title = title;
    pick.placeholder = "Text, or /a regular expression/, in heads and decoded bodies";
    pick.matchOnDetail = true;
    pick.keepScrollPosition = true;
    pick.value = query;
    pick.onDidChangeValue(() => this.#schedule(pause));
    pick.onDidAccept(() => this.#accept());
    pick.onDidHide(() => this.dispose());
    pick.show();
    this.#schedule(0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#cancellation.abort();
    this.#pick.dispose();
  }

  #accept(): void {
    const found = this.#pick.selectedItems[0]?.found;
    if (found === undefined) return;
    this.#pick.hide();
    this.#surroundings.open(found);
  }

  #schedule(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#cancellation.abort();
    this.#pick.busy = false;
    this.#timer = setTimeout(() => void this.#search(), milliseconds);
  }

  async #search(): Promise<void> {
    const pick = this.#pick;
    const query = pick.value;
    const { signal } = (this.#cancellation = new AbortController());
    this.#asked(query);
    this.#items = [];
    pick.items = [];
    pick.title = title;
    if (query === "") return;
    pick.busy = true;
    try {
      const shown = { count: 0 };
      let listing = Promise.resolve();
      const finding = await find(this.#surroundings.sources, query, signal, (soFar) => {
        listing = listing.then(() => this.#list(soFar, shown, signal));
      });
      await listing;
      if (!signal.aborted) this.#conclude(finding);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) pick.busy = false;
  }

  /** Adds what was found since the last time. */
  async #list(finding: Finding, shown: { count: number }, signal: AbortSignal): Promise<void> {
    const fresh = finding.found.slice(shown.count);
    shown.count += fresh.length;
    if (fresh.some(({ key }) => this.#known(key) === undefined)) await this.#surroundings.catchUp();
    if (signal.aborted) return;
    for (const found of fresh) {
      const row = this.#known(found.key);
      const isListedOnce = row !== undefined && isListed(row, (key) => this.#known(key));
      if (isListedOnce) this.#items.push(this.#item(row, found));
    }
    this.#show(this.#items, finding);
  }

  #conclude(finding: Finding): void {
    const notes = finding.notes.map((text): Item => ({ label: `$(info) ${text}`, alwaysShow: true }));
    this.#show([...this.#items, ...notes], finding);
  }

  #show(items: Item[], finding: Finding): void {
    const pick = this.#pick;
    const active = pick.activeItems;
    pick.title = `${title}: ${finding.text(this.#items.length)}`;
    pick.items = items;
    // VS Code would go back to the first.
    if (active.length > 0) pick.activeItems = active;
  }

  #known(key: ExchangeKey): ExchangeRow | undefined {
    const { exchanges, recordings } = this.#surroundings;
    return exchanges.get(key) ?? recordings.get(key);
  }

  #item(row: ExchangeRow, found: Found): Item {
    const { label, description } = rowText(row, Date.now(), { width });
    const recording = this.#surroundings.recordings.numbered(row.source);
    return {
      label: plain(label),
      description: plain(recording ? `${description} · ${recording.name}` : description),
      detail: plain(foundText(found.hit)),
      alwaysShow: true,
      found,
    };
  }
}

/** VS Code would make icons of some captured texts. */
function plain(text: string): string {
  return text.replaceAll(/\$\([\w~-]+\)/g, "\\$&");
}
