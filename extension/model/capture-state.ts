/** What the capture is doing, for the status bar, the context keys and whoever waits for it. */
import type { CaptureStatus } from "../../protocol/capture.ts";
import { Listeners } from "./listeners.ts";

export type CaptureState =
  | { phase: "stopped" }
  | { phase: "starting" }
  | { phase: "capturing"; status: CaptureStatus }
  | { phase: "failed"; message: string };

export class CaptureStateHolder {
  readonly #listeners = new Listeners<CaptureState>();
  #state: CaptureState = { phase: "stopped" };

  get current(): CaptureState {
    return this.#state;
  }

  set(state: CaptureState): void {
    this.#state = state;
    this.#listeners.fire(state);
  }

  onChange(listener: (state: CaptureState) => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }
}
