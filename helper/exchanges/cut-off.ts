import type { MissingReason } from "../../protocol/exchange.ts";
import type { Cause } from "../stream/protocol.ts";
import type { Direction } from "../stream/segment.ts";

/** Why the rest of a body is missing whose direction was ended. `whole`: nothing is missing of that, as its FIN was seen. */
export function whyCutOff(direction: Direction, cause: Cause, whole: boolean): MissingReason {
  if (cause === "stopped") return "after-capture";
  if (cause === "lost") return "ring-full";
  // What arrived and nobody read, or would have arrived: only the peer's FIN says that there was no more.
  return direction === "in" && !whole ? "unread" : "never-sent";
}
