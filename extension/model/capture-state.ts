/** What the capture is doing, for the status bar, the context keys and whoever waits for it. */
import type { CaptureStatus, Elevation } from "../../protocol/capture.ts";
import type { StartErrorCode } from "../../protocol/rpc.ts";
import type { Action } from "./actions.ts";
import { Listeners } from "./listeners.ts";

export type CaptureState =
  | { phase: "stopped" }
  | { phase: "starting" }
  | ({ phase: "capturing" } & Standing)
  /** The probes are on and watch nothing: to take them off would mean another prompt at the next start. */
  | ({ phase: "idle" } & Standing)
  /** This machine gives no capture when debugging starts, and `message` says why: nothing to alarm anybody with. */
  | { phase: "unavailable"; cause: Cause; message: string }
  /** This machine can't, whoever asks, and `message` says what would. `obstacle` names what stands in the way. */
  | { phase: "impossible"; obstacle: string; message: string }
  | { phase: "failed"; cause: Cause; message: string };

/** What is known of a helper while its probes are on. */
export interface Standing {
  status: CaptureStatus;
  elevation: Elevation;
}

/** Why there is no capture: how a start failed; `ended`: it did, by itself; `never`: the user wants none on this machine. */
export type Cause = StartErrorCode | "ended" | "never";

export type Phase = CaptureState["phase"];

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

interface Look {
  /** Of VS Code's icons. */
  icon: string;
  words: string;
  /** Theme colour of the background, where it is to catch the eye. */
  background?: string;
  /** What one can do: names of commands, the first by a click. */
  actions: readonly [Action, ...Action[]];
}

/** How each state of the capture looks, and what it is called: the one place that says so. */
export const looks: Record<Phase, Look> = {
  stopped: { icon: "circle-outline", words: "not capturing", actions: ["start"] },
  starting: { icon: "loading~spin", words: "starting the capture", actions: ["show"] },
  capturing: { icon: "record", words: "capturing", actions: ["show", "stop"] },
  idle: { icon: "circle-filled", words: "probes on, watching nothing", actions: ["start", "stop"] },
  unavailable: {
    icon: "circle-slash",
    words: "nothing is captured when debugging",
    actions: ["start", "allowDebugging", "checkMachine"],
  },
  impossible: { icon: "circle-slash", words: "no capture on this machine", actions: ["show"] },
  failed: {
    icon: "warning",
    words: "the capture failed",
    background: "statusBarItem.warningBackground",
    actions: ["start", "checkMachine"],
  },
};
