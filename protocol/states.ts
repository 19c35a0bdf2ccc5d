/** How a state looks and reads, the same in the tree, its tooltip, the panel and the exports. Colour never speaks alone. */
import { maxHead, type Exchange, type ExchangeSummary, type HeadCut, type State } from "./exchange.ts";
import { sizeText } from "./format.ts";
import { codeName, grpcCodeOf, isCallersError } from "./grpc.ts";
import { missingBytes } from "./reasons.ts";

export interface Look {
  /** A name of VS Code's icons. */
  icon: string;
  /** A theme colour's name; absent: the plain one. */
  color?: string;
  /** What a row says besides the code; empty where the code says all. */
  word: string;
}

export type Looked = Pick<
  ExchangeSummary,
  "state" | "role" | "status" | "grpcStatus" | "missing" | "headCut"
>;

const quiet = "descriptionForeground";
const warning = "list.warningForeground";
const error = "list.errorForeground";

const byState: Record<Exclude<State, "complete">, Look> = {
  "in-flight": { icon: "clock", word: "in flight" },
  closed: { icon: "debug-disconnect", color: warning, word: "closed early" },
  reset: { icon: "debug-disconnect", color: error, word: "reset" },
  lost: { icon: "circle-slash", color: warning, word: "bytes lost" },
  stopped: { icon: "primitive-square", color: quiet, word: "capture stopped" },
};

const headCutWord: Record<HeadCut, string> = {
  limit: `head over ${maxHead / 1024} KiB`,
  unfinished: "head unfinished",
};

/** Both sides go on in another protocol. */
const open: Look = { icon: "arrow-swap", word: "open" };

/** What a person reads of how far an exchange, or a body, has come. */
export const stateText: Record<State, string> = {
  "in-flight": "in flight",
  complete: "complete",
  closed: "closed: the connection ended first",
  reset: "reset: the connection was broken off",
  lost: "lost: bytes were lost, and its end can't be told",
  stopped: "stopped: the capture ended first",
};

export function lookOf({ state, role, status = 0, grpcStatus = 0, missing, headCut }: Looked): Look {
  if (state === "in-flight" && status === 101) return open;
  const cut = headCut === undefined ? [] : [headCutWord[headCut]];
  if (state === "in-flight") return byState[state];
  if (state !== "complete") return { ...byState[state], word: [byState[state].word, ...cut].join(", ") };
  const words = [
    ...(grpcStatus > 0 ? [codeName(grpcStatus)] : []),
    ...(missing > 0 ? [`${sizeText(missing)} lost`] : []),
    ...cut,
  ];
  const word = words.join(", ");
  if (status >= 500 || (grpcStatus > 0 && !isCallersError(grpcStatus)))
    return { icon: "error", color: error, word };
  if (status >= 400 || grpcStatus > 0) return { icon: "warning", color: warning, word };
  if (missing > 0 || headCut !== undefined) return { ...byState.lost, word };
  // Up and out: the program made it.
  return { icon: role === "client" ? "arrow-up" : "circle-small-filled", color: quiet, word };
}

/** What `lookOf` needs to know of a whole exchange. */
export function looked({ state, role, request, response }: Exchange): Looked {
  const gaps = [request, response].flatMap((message) => message?.body.missing ?? []);
  return {
    ...{ state, role, missing: missingBytes(gaps), headCut: request?.headCut ?? response?.headCut },
    ...(response !== undefined && { status: response.status, grpcStatus: grpcCodeOf(response) }),
  };
}

/** It failed, as whoever looks for errors means it: not what became of our capture. */
export function isError({
  state,
  status = 0,
  grpcStatus = 0,
}: Pick<ExchangeSummary, "state" | "status" | "grpcStatus">): boolean {
  return status >= 400 || grpcStatus > 0 || state === "closed" || state === "reset";
}
