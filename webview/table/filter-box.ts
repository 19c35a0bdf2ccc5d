/** The field of the filter: what is typed, what of it isn't understood, and what can be typed next. */
import { html, nothing, render, type TemplateResult } from "lit";
import type { Completion, TableFilter } from "../../protocol/table.ts";
import { iconOf } from "./columns.ts";
import { vscode } from "./extension-link.ts";

export class FilterBox {
  readonly element = document.createElement("div");
  #text = "";
  #errors: TableFilter["errors"] = [];
  #completions: Completion[] = [];
  /** Of the completions; -1: none. */
  #chosen = -1;
  #call = 0;

  constructor() {
    this.element.className = "filter";
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.element.contains(relatedTarget))) this.#close();
    });
    this.#render();
  }

  /** The filter as the extension has it: what is being typed here is newer. */
  show({ text, errors }: TableFilter): void {
    if (document.activeElement !== this.#input) this.#text = text;
    this.#errors = text === this.#text ? errors : [];
    this.#render();
  }

  complete(call: number, completions: Completion[]): void {
    if (call !== this.#call || document.activeElement !== this.#input) return;
    this.#completions = completions;
    this.#chosen = -1;
    this.#render();
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  get #input(): HTMLInputElement {
    return this.element.querySelector("input")!;
  }

  #render(): void {
    const isOpen = this.#completions.length > 0;
    const template = html`${iconOf("filter")}
      <div class="field">
        <div class="ink" aria-hidden="true">${this.#ink()}</div>
        <input
          type="text"
          role="combobox"
          spellcheck="false"
          autocomplete="off"
          placeholder="Filter: status:>=400 -path:/static"
          aria-label="Filter exchanges"
          aria-autocomplete="list"
          aria-expanded=${isOpen}
          aria-controls="completions"
          aria-invalid=${this.#errors.length > 0}
          aria-activedescendant=${this.#chosen < 0 ? nothing : `completion-${this.#chosen}`}
          .value=${this.#text}
          @input=${() => this.#type(this.#input.value)}
          @focus=${() => this.#ask()}
          @click=${() => this.#ask()}
          @scroll=${() => this.#alignInk()}
          @keydown=${(event: KeyboardEvent) => this.#key(event)}
        />
      </div>
      <button
        class="tool"
        title="Clear the filter (Escape)"
        aria-label="Clear the filter"
        ?hidden=${this.#text === ""}
        @click=${() => this.#clear()}
      >
        ${iconOf("close")}
      </button>
      <div id="completions" role="listbox" aria-label="Completions" ?hidden=${!isOpen}>
        ${this.#completions.map((each, place) => this.#option(each, place))}
      </div>`;
    render(template, this.element);
  }

  #option({ text, about }: Completion, place: number): TemplateResult {
    return html`<div
      role="option"
      id="completion-${place}"
      aria-selected=${place === this.#chosen}
      @mousedown=${(event: Event) => {
        event.preventDefault(); // or the field would lose the keyboard
        this.#accept(place);
      }}
    >
      <span>${text}</span><span class="quiet">${about}</span>
    </div>`;
  }

  /** The text once more, below the field's own: with a line under what isn't understood. */
  #ink(): (TemplateResult | string)[] {
    const parts: (TemplateResult | string)[] = [];
    let at = 0;
    for (const { start, end } of this.#errors) {
      parts.push(
        this.#text.slice(at, start),
        html`<span class="wrong">${this.#text.slice(start, end)}</span>`,
      );
      at = end;
    }
    return [...parts, this.#text.slice(at)];
  }

  #alignInk(): void {
    this.element.querySelector(".ink")!.scrollLeft = this.#input.scrollLeft;
  }

  #type(text: string): void {
    this.#text = text;
    this.#errors = [];
    vscode.postMessage({ type: "filter", text });
    this.#ask();
    this.#render();
  }

  #ask(): void {
    const caret = this.#input.selectionStart ?? this.#text.length;
    vscode.postMessage({ type: "complete", call: ++this.#call, text: this.#text, caret });
  }

  #accept(place: number): void {
    const completion = this.#completions[place];
    if (completion === undefined) return;
    const { start, end, text } = completion;
    const rest = this.#text.slice(end);
    // What was chosen by its key waits for a value; a whole condition is followed by the next.
    const space = text.endsWith(":") || rest.startsWith(" ") ? "" : " ";
    const caret = start + text.length + space.length;
    this.#input.value = this.#text.slice(0, start) + text + space + rest;
    this.#input.setSelectionRange(caret, caret);
    this.#type(this.#input.value);
  }

  #close(): void {
    this.#call++;
    this.#completions = [];
    this.#chosen = -1;
    this.#render();
  }

  #clear(): void {
    this.#close();
    this.#input.value = "";
    this.#type("");
    this.#input.focus();
  }

  #key(event: KeyboardEvent): void {
    const count = this.#completions.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (count === 0) return this.#ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are completions: none of them.
      this.#chosen = ((this.#chosen + 1 + step + count + 1) % (count + 1)) - 1;
      this.#render();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#chosen >= 0)
      this.#accept(this.#chosen);
    else if (event.key === "Enter") return this.#close();
    else if (event.key === "Escape" && count > 0) this.#close();
    else if (event.key === "Escape" && this.#text !== "") this.#clear();
    else return;
    event.preventDefault();
  }
}
