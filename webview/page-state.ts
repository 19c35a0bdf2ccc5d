import type { Side } from "../protocol/exchange.ts";
import type { BodyState } from "./body-view.ts";

/**
 * How the page was left. VS Code throws the page of a hidden panel away, and keeps this, on disk too: so there is nothing
 * in it that was captured.
 */
export interface PageState {
  /** The exchange's; the rest but `side` is true of this one only. */
  key: string;
  side: Side;
  /** Pixels. */
  scroll: number;
  bodies: Partial<Record<Side, BodyState>>;
}

export function initialState(key: string, side: Side = "response"): PageState {
  return { key, side, scroll: 0, bodies: {} };
}
