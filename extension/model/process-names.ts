/** What the watched processes are called: by the debug session that each belongs to, where it is the program of one. */
import type { ExchangeRow } from "./exchange-row.ts";
import { Listeners } from "./listeners.ts";

export class ProcessNames {
  readonly #sessions = new Map<number, string>();
  readonly #listeners = new Listeners<void>();

  /** This process is what that debug session debugs. */
  set(pid: number, session: string): void {
    if (this.#sessions.get(pid) === session) return;
    this.#sessions.set(pid, session);
    this.#listeners.fire();
  }

  of({ pid, process }: ExchangeRow): string {
    return this.session(pid) ?? process;
  }

  /** The debug session whose program it is. */
  session(pid: number): string | undefined {
    return this.#sessions.get(pid);
  }

  /** Whether a name would tell these rows apart. */
  areSeveral(rows: readonly ExchangeRow[]): boolean {
    const [first] = rows;
    return first !== undefined && rows.some((row) => this.of(row) !== this.of(first));
  }

  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }
}
