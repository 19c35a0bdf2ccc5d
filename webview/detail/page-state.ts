import type { Side } from "../../protocol/exchange.ts";
import type { Origin } from "../../protocol/webview.ts";
import type { Reading } from "../content/content-view.ts";
import type { Mode } from "../content/modes.ts";
import type { Chosen } from "./openings.ts";

/** What of the exchange is looked at. */
export type Part = Side | "messages";

/** What of a body's view outlives the page. `mode`: the one that was chosen. */
export interface BodyState extends Reading {
  mode?: Mode;
}

/**
 * How the page was left. VS Code throws the page of a hidden panel away, and keeps this, on disk too: so there is nothing
 * in it that was captured.
 */
export interface PageState {
  /** The exchange's; the rest but `side` and `sections` is true of this one only. */
  key: string;
  side: Part;
  sections: Chosen;
  /** Pixels. */
  scroll: number;
  /** The number of the place that was gone to last. */
  place?: number;
  bodies: Partial<Record<Side, BodyState>>;
  /** For the extension of a window that was reloaded. */
  origin?: Origin;
}

/** `left`: how the page was left, with another exchange. */
export function initialState(key: string, left: Partial<PageState> = {}): PageState {
  const { side = "response", sections = {} } = left;
  return { key, side, sections, scroll: 0, bodies: {} };
}
