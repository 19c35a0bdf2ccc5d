/** A helper's status as a test wants it. */
import type { Tally } from "../../../protocol/capture.ts";
import type { Standing } from "../../../extension/model/capture-state.ts";

export function standing(tally: Partial<Tally> = {}, targets: number[] = []): Standing {
  return {
    elevation: "root",
    status: {
      ...{ sources: [], targets, startup: 1, cost: { cpu: 0, memory: 0 } },
      tally: {
        ...{
          exchanges: 0,
          inFlight: 0,
          excluded: 0,
          bytes: 0,
          otherConnections: {},
          splicedConnections: 0,
          lost: {},
        },
        ...{ memory: { size: 0, used: 0, pinned: 0 } },
        ...tally,
      },
    },
  };
}
