/** Which columns are shown: a button, and a menu of them. */
import { html, nothing, type TemplateResult } from "lit";
import { columns, iconOf } from "./columns.ts";

export class ColumnMenu {
  #isOpen = false;
  readonly #changed: () => void;
  readonly #toggle: (key: string) => void;

  /** `toggle`: shows or hides a column. `changed`: it must be rendered anew. */
  constructor(toggle: (key: string) => void, changed: () => void) {
    this.#toggle = toggle;
    this.#changed = changed;
  }

  render(shown: readonly string[]): TemplateResult {
    return html`<div
      class="menu"
      @focusout=${(event: FocusEvent) => this.#leave(event)}
      @keydown=${this.#key}
    >
      <button
        class="tool"
        title="Columns"
        aria-label="Columns"
        aria-haspopup="menu"
        aria-expanded=${this.#isOpen}
        @click=${() => this.#open(!this.#isOpen)}
      >
        ${iconOf("list-selection")}
      </button>
      ${
        this.#isOpen
          ? html`<div role="menu" aria-label="Columns">
              ${columns.map(
                ({ key, title }) =>
                  html`<button
                    role="menuitemcheckbox"
                    aria-checked=${shown.includes(key)}
                    @click=${() => this.#toggle(key)}
                  >
                    <span class="mark">${shown.includes(key) ? iconOf("check") : nothing}</span>${title}
                  </button>`,
              )}
            </div>`
          : nothing
      }
    </div>`;
  }

  #open(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#changed();
    if (isOpen) document.querySelector<HTMLElement>("[role=menuitemcheckbox]")?.focus();
  }

  #leave({ relatedTarget, currentTarget }: FocusEvent): void {
    if (relatedTarget instanceof Node && (currentTarget as Node).contains(relatedTarget)) return;
    if (this.#isOpen) this.#open(false);
  }

  readonly #key = (event: KeyboardEvent): void => {
    const element = event.currentTarget as HTMLElement;
    if (event.key === "Escape" && this.#isOpen) {
      element.querySelector<HTMLElement>(".tool")?.focus();
      this.#open(false);
      event.stopPropagation();
    }
    const direction = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (direction === undefined || !this.#isOpen) return;
    event.preventDefault();
    const items = [...element.querySelectorAll<HTMLElement>("[role=menuitemcheckbox]")];
    const at = items.findIndex((item) => item === document.activeElement);
    items[(at + direction + items.length) % items.length]?.focus();
  };
}
