/** Finds a text in a body: a field, how many there are, and the way from one to the next. */
import type { Found, Place } from "./content-view.ts";
import { h, iconButton } from "./dom.ts";
import { unmark } from "./marks.ts";

/** Milliseconds after which typing counts as done. */
const typingRest = 200;

export interface Findable {
  find(text: string, signal: AbortSignal): Promise<Found>;
  /** Goes to one. */
  show(place: Place): Promise<void>;
}

export class FindBar {
  readonly element = h("div", { class: "find", role: "search", "aria-label": "Find in the body" });
  /** Opens it. */
  readonly button = iconButton("search", "Find in the body (Ctrl+F)", () => this.open());
  readonly #field = h("input", {
    type: "text",
    placeholder: "Find in the body",
    "aria-label": "Find in the body",
    oninput: () => this.#search(typingRest),
    onkeydown: (event) => this.#key(event as KeyboardEvent),
  });
  readonly #said = h("span", { class: "said", role: "status" });
  readonly #findable: Findable;
  #timer: number | undefined;
  #running: AbortController | undefined;
  #found: Found = { places: [], notes: [] };
  #at = -1;

  constructor(findable: Findable) {
    this.#findable = findable;
    this.element.hidden = true;
    this.element.append(
      this.#field,
      iconButton("arrow-up", "Previous match (Shift+F3)", () => void this.step(-1)),
      iconButton("arrow-down", "Next match (F3)", () => void this.step(1)),
      iconButton("close", "Close (Escape)", () => this.close()),
      this.#said,
    );
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Takes the keyboard. What is selected is what is looked for. */
  open(): void {
    const selected = window.getSelection()?.toString() ?? "";
    if (selected !== "" && !selected.includes("\n")) this.find(selected);
    this.element.hidden = false;
    this.#field.focus();
    this.#field.select();
  }

  /** Looks for a text; the keyboard stays where it is. */
  find(text: string): void {
    this.element.hidden = false;
    if (text === this.#field.value) return;
    this.#field.value = text;
    this.#search(0);
  }

  close(): void {
    this.#cancel();
    unmark();
    this.element.hidden = true;
    this.button.focus();
  }

  /** Behind the last one comes the first. */
  async step(direction: 1 | -1): Promise<void> {
    const { places } = this.#found;
    if (places.length === 0) return;
    this.#at = (this.#at + direction + places.length) % places.length;
    this.#say();
    await this.#findable.show(places[this.#at]!);
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "Enter") return;
    event.preventDefault();
    void this.step(event.shiftKey ? -1 : 1);
  }

  /** Nothing is searched for but what the field says now. */
  #cancel(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  #search(rest: number): void {
    this.#cancel();
    this.#timer = window.setTimeout(() => void this.#run(), rest);
  }

  async #run(): Promise<void> {
    const text = this.#field.value;
    this.#found = { places: [], notes: [] };
    this.#at = -1;
    unmark();
    this.#said.textContent = "";
    if (text === "") return;
    const search = new AbortController();
    this.#running = search;
    this.#said.textContent = "Searching…";
    try {
      const found = await this.#findable.find(text, search.signal);
      if (search.signal.aborted) return;
      this.#found = found;
      if (found.places.length > 0) await this.step(1);
      else this.#say();
    } catch (error) {
      if (!search.signal.aborted)
        this.#said.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  #say(): void {
    const { places, notes } = this.#found;
    const count = (number: number) => number.toLocaleString("en-US");
    const text = places.length === 0 ? "No matches" : `${count(this.#at + 1)} of ${count(places.length)}`;
    this.#said.textContent = [text, ...notes].join("; ");
  }
}
