/** Where nothing is listed: what is said of it, the same in the tree and the table, and what one can do. */
import { othersText } from "../../protocol/format.ts";
import type { Action } from "./actions.ts";
import type { CaptureState, Cause } from "./capture-state.ts";
import { capturingText, type Program } from "./programs.ts";
import { countText, exchangesText, excludedText } from "./text.ts";

/** What a view without rows tells. VS Code's welcome views have the same words: a unit test holds the two together. */
export interface Welcome {
  text: string;
  actions: readonly Action[];
}

/** By a name that VS Code's conditions know; what stands in the way of a capture on this machine has names of its own. */
export const welcomes = {
  ready: {
    text: "See the HTTP requests of your program as it runs, with whole bodies. No proxy, nothing to change in the program.",
    actions: ["debug", "attach", "openRecording"],
  },
  untrusted: {
    text: "This workspace is restricted: VS Code debugs nothing in it, and Tinytap reads none of its .proto files. A process that runs already can be captured.",
    actions: ["trust", "attach", "openRecording"],
  },
  starting: { text: "Starting the capture… A password may be asked for.", actions: [] },
  idle: {
    text: "The probes are on and watch nothing: taking them off would mean another prompt at the next capture. They cost every process a little, and are taken off after 5 minutes.",
    actions: ["start", "stop"],
  },
  "no-root": {
    text: "Root was refused, so nothing is captured. Your program runs on as it was.",
    actions: ["tryAgain", "checkMachine", "openRecording"],
  },
  "no-probes": {
    text: "This machine's kernel lets Tinytap attach nothing, so nothing is captured. Your program runs on as it was.",
    actions: ["checkMachine", "tryAgain", "openRecording"],
  },
  never: {
    text: "On this machine nothing is captured when debugging starts: that was your choice.",
    actions: ["allowDebugging", "start", "openRecording"],
  },
  failed: {
    text: "The capture couldn't start. Your program runs on as it was.",
    actions: ["tryAgain", "checkMachine", "showLog"],
  },
  ended: {
    text: "The capture ended by itself, because its helper did.",
    actions: ["start", "showLog"],
  },
} as const satisfies Record<string, Welcome>;

/** Its name in VS Code's conditions. `trusted`: VS Code debugs in this workspace. */
export function situationOf(state: CaptureState, trusted: boolean): string {
  switch (state.phase) {
    case "stopped":
      return trusted ? "ready" : "untrusted";
    case "unavailable":
    case "failed":
      return byCause[state.cause] ?? "failed";
    case "impossible":
      return state.obstacle;
    default:
      return state.phase;
  }
}

const byCause: Partial<Record<Cause, keyof typeof welcomes>> = {
  "no-root": "no-root",
  "no-btf": "no-probes",
  "no-kernel-support": "no-probes",
  never: "never",
  ended: "ended",
};

/** Exchanges that don't pass the filter, what it says, and how many are still being looked into. */
export interface Filtered {
  total: number;
  words: string;
  open: number;
}

export interface Situation {
  state: CaptureState;
  trusted: boolean;
  /** Those that are watched. */
  programs: readonly Program[];
}

export function emptyText(
  { state, trusted, programs }: Situation,
  { total, words, open }: Filtered,
): Welcome {
  const capturing = state.phase === "capturing";
  if (total > 0 && open > 0) return { text: `Looking into ${countText(open)} exchanges…`, actions: [] };
  if (total > 0) return { text: hiddenText(total, words, capturing), actions: ["clearFilter"] };
  if (capturing) {
    const { otherConnections, excluded } = state.status.tally;
    const more = [othersText(otherConnections), excludedText(excluded)].filter(Boolean);
    return {
      text: [capturingText(programs), ...more.map((each) => `${each}.`)].join(" "),
      actions: ["stop"],
    };
  }
  if (state.phase === "impossible")
    return { text: state.message, actions: ["checkMachine", "openRecording"] };
  const situation = situationOf(state, trusted);
  return welcomes[situation as keyof typeof welcomes] ?? welcomes.ready;
}

function hiddenText(total: number, words: string, capturing: boolean): string {
  const still = capturing ? " New exchanges are still captured." : "";
  const none = total === 1 ? "The one exchange doesn't pass" : `None of ${exchangesText(total)} pass`;
  return `${none} the filter: ${words}. Clear the filter or change it.${still}`;
}
