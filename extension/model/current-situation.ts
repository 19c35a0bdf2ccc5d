/** The window's situation where nothing is listed, kept true: a watched server may begin to listen at any time. */
import type { CaptureModel } from "./capture-model.ts";
import { Listeners } from "./listeners.ts";
import type { Program } from "./programs.ts";
import { messageText, type Counts } from "./text.ts";
import { emptyText, type Filtered, type Situation, type Welcome } from "./situation.ts";

/** Milliseconds between two looks at the programs, while there is nothing else to tell. */
const lookInterval = 2000;

const nothing: Filtered = { total: 0, words: "", open: 0 };

export interface SituationSurroundings {
  capture: CaptureModel;
  programs: {
    of(pids: readonly number[]): readonly Program[];
    onChange(listener: () => void): { dispose(): void };
  };
  /** VS Code debugs in this workspace. */
  isTrusted(): boolean;
}

export class CurrentSituation {
  readonly #surroundings: SituationSurroundings;
  readonly #listeners = new Listeners<void>();
  readonly #subscriptions: { dispose(): void }[];
  readonly #timer = setInterval(() => this.#look(), lookInterval).unref();
  #told = "";

  constructor(surroundings: SituationSurroundings) {
    this.#surroundings = surroundings;
    const { capture, programs } = surroundings;
    this.#subscriptions = [capture.state, programs].map((each) => each.onChange(() => this.#check()));
  }

  get current(): Situation {
    const { capture, programs, isTrusted } = this.#surroundings;
    const state = capture.state.current;
    const pids = state.phase === "capturing" ? state.status.targets : [];
    return { state, trusted: isTrusted(), programs: programs.of(pids) };
  }

  empty(filtered: Filtered = nothing): Welcome {
    return emptyText(this.current, filtered);
  }

  /** What stands above the rows, which pass by those `words`; empty where VS Code is to show the welcome view. */
  above(counts: Counts, words: string): string {
    const { state } = this.current;
    const { total, shown, open = 0 } = counts;
    if (total === 0) return state.phase === "capturing" ? this.empty().text : "";
    if (shown === 0) return this.empty({ total, words, open }).text;
    return state.phase === "failed" ? `${messageText(counts)} · ${state.message}` : messageText(counts);
  }

  /** There is something else to say. */
  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #look(): void {
    if (this.#surroundings.capture.exchanges.total === 0) this.#check();
  }

  #check(): void {
    const { text } = this.empty();
    if (text === this.#told) return;
    this.#told = text;
    this.#listeners.fire();
  }
}
