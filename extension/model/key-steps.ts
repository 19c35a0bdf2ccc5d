/**
 * Keys go through the tree by selecting row after row, as VS Code tells an extension of no other focus; and a row that is
 * selected runs its command. So what the command opens is shown once the keys rest, and not those on the way.
 */

/** Milliseconds for which keys rest before a row is shown. */
const rest = 90;
/** Milliseconds within which a row's command comes after the key that selected the row. */
const recent = 300;
/** Likewise after Enter, which asks for one and nothing else: so it may come as late as a busy machine brings it. */
const recentEnter = 3000;

export class KeySteps {
  readonly #now: () => number;
  #stepped = -Infinity;
  #entered = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** `now`: milliseconds of any clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** An arrow, or another key that goes to another row, was pressed. */
  step(): void {
    this.#stepped = this.#now();
    this.#entered = -Infinity;
  }

  /** Enter was pressed: what it opens is to have the keyboard. */
  enter(): void {
    this.#stepped = -Infinity;
    this.#entered = this.#now();
  }

  /** A row's command is run only because keys came to it. */
  get isStep(): boolean {
    return this.#now() - this.#stepped < recent;
  }

  /** Opens what a row's command is for: now, or once the keys rest. */
  open(show: (focus: boolean) => void): void {
    clearTimeout(this.#timer);
    if (this.isStep) {
      this.#timer = setTimeout(() => show(false), rest);
      return;
    }
    const focus = this.#now() - this.#entered < recentEnter;
    this.#entered = -Infinity;
    show(focus);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
