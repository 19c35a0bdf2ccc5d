/**
 * Keys go through the tree by selecting row after row, as VS Code tells an extension of no other focus; and a row that is
 * selected runs its command. So what the command opens is shown once the keys rest, and not those on the way.
 *
 * A key is bound to several commands: ours that says which key it is, VS Code's that selects, and ours that says it is done.
 * They come in this order, the row's command between the last two: so however busy the machine is, no click is taken for a
 * key, and no key for a click.
 */

/** Milliseconds for which keys rest before a row is shown. */
const rest = 90;

export class KeySteps {
  /** The keys that are on their way: the last one says what is wanted, as it is where the others led. */
  readonly #pressed: ("step" | "enter")[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** An arrow, or another key that goes to another row, was pressed. */
  step(): void {
    this.#pressed.push("step");
  }

  /** Enter was pressed: what it opens is to have the keyboard. */
  enter(): void {
    this.#pressed.push("enter");
  }

  /** What the first of these keys selected has run its command. */
  done(): void {
    this.#pressed.shift();
  }

  /** A row's command is run only because keys came to it. */
  get isStep(): boolean {
    return this.#pressed.at(-1) === "step";
  }

  /** Opens what a row's command is for: now, or once the keys rest. */
  open(show: (focus: boolean) => void): void {
    clearTimeout(this.#timer);
    if (this.isStep) this.#timer = setTimeout(() => show(false), rest);
    else show(this.#pressed.length > 0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
