/** A list of listeners: what `vscode.EventEmitter` is to code that knows no `vscode`. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Returns what takes the listener off again. */
  add(listener: (value: T) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
