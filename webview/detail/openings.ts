/** Which sections are open: beside the body all, below it none; unless the reader has it otherwise. */
export type SectionName =
  "headers" | "cookies" | "interim" | "trailers" | "bytes" | "query" | "timing" | "provenance";

/** A section, as far as it opens. */
export interface Openable {
  readonly name: SectionName;
  readonly element: HTMLDetailsElement;
  /** There is nothing else to be looked at: it opens by itself. */
  isNeeded: boolean;
}

/** From here on sections stand beside the body; `style.css` knows it too. */
const wide = "(min-width: 760px)";

/** What was chosen, where it differs from what would be so by itself. */
export type Chosen = Partial<Record<SectionName, boolean>>;

export class Openings {
  readonly #sections: Openable[] = [];
  readonly #chosen: Chosen;
  readonly #changed: () => void;
  readonly #media = window.matchMedia(wide);
  readonly #apply = () => this.apply();

  /** `chosen` is kept up to date; `changed` hears of it. */
  constructor(chosen: Chosen, changed: () => void) {
    this.#chosen = chosen;
    this.#changed = changed;
    this.#media.addEventListener("change", this.#apply);
  }

  add(section: Openable): void {
    this.#sections.push(section);
    this.#open(section);
  }

  /** The reader opens or closes one: the others of its name follow. */
  choose(chosen: Openable, open: boolean): void {
    if (open === this.#byItself(chosen)) delete this.#chosen[chosen.name];
    else this.#chosen[chosen.name] = open;
    for (const section of this.#sections)
      if (section !== chosen && section.name === chosen.name) this.#open(section);
    this.#changed();
  }

  apply(): void {
    for (const section of this.#sections) this.#open(section);
  }

  dispose(): void {
    this.#media.removeEventListener("change", this.#apply);
  }

  #open(section: Openable): void {
    section.element.open = this.#chosen[section.name] ?? this.#byItself(section);
  }

  #byItself({ isNeeded }: Openable): boolean {
    return this.#media.matches || isNeeded;
  }
}
