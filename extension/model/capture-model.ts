import type { CaptureStateHolder } from "./capture-state.ts";
import type { Exchanges } from "./exchanges.ts";

/** What the views show. */
export interface CaptureModel {
  readonly state: CaptureStateHolder;
  readonly exchanges: Exchanges;
}
