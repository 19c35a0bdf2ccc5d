/** Why tshark sees it otherwise. The two look from different places: Tinytap at what the program moved, tshark at what was sent. */
import type { Role } from "../../protocol/exchange.ts";
import type { Difference } from "./compare.ts";

const known = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PURGE)$/;

/** `tally`: Tinytap's last words, which name what isn't HTTP. */
type Rule = [why: string, applies: (difference: Difference, role: Role, tally: string) => boolean];

const rules: readonly Rule[] = [
  [
    "tshark knows methods by their names, and makes something else of a request by another one",
    ({ oursAll }) => oursAll.some(({ method }) => method !== undefined && !known.test(method)),
  ],
  [
    "in a tunnel (CONNECT) tshark reads no HTTP, and after a 101 no bodies",
    ({ oursAll }) => oursAll.some(({ method, status }) => method === "CONNECT" || status === 101),
  ],
  [
    "tshark ends a target at its first blank or NUL",
    ({ what, ours }) => what === "target" && /[\s\0]/.test(ours?.target ?? ""),
  ],
  [
    "a 204 or 304 has no body, and tshark takes what comes after it for one",
    ({ theirsAll }) =>
      theirsAll.some(({ status, responseSize }) => (status === 204 || status === 304) && responseSize > 0),
  ],
  [
    "the message was cut off: Tinytap tells what was moved of it, tshark tells whole ones, or what was sent",
    ({ ours }) => ours?.end === "reset" || ours?.end === "closed",
  ],
  [
    "bytes were lost, as Tinytap's tally says, and the exchange says so: it has the rest",
    ({ ours }, _role, tally) => ours?.end === "lost" && /lost: .*(?:shed|ring-full)/.test(tally),
  ],
  [
    "it was sent, and the program had not read it when the connection ended",
    ({ ours, theirs, oursAll, theirsAll }, role) =>
      ours === undefined &&
      theirsAll.indexOf(theirs!) >= oursAll.filter(({ end }) => end === "complete").length &&
      (oursAll.some(({ end }) => end !== "complete") || (role === "server" && theirs?.status === undefined)),
  ],
  [
    "the server answers what is no request, and the client doesn't read that",
    ({ oursAll, theirs }, role) => role === "client" && oursAll.length === 0 && theirs?.method === undefined,
  ],
  [
    "a proxy takes SOCKS, and splices what follows: Tinytap names the connection SOCKS",
    ({ oursAll }, role, tally) => role === "server" && oursAll.length === 0 && tally.includes("SOCKS"),
  ],
  [
    "the program had written all of it, and the connection ended before all was sent: tshark tells whole messages",
    ({ ours, theirs }, role) =>
      ours?.end === "complete" &&
      (role === "client" ? theirs?.method === undefined : theirs?.status === undefined),
  ],
];

/** Undefined where nothing explains it. */
export function explain(difference: Difference, role: Role, tally: string): string | undefined {
  return rules.find(([, applies]) => applies(difference, role, tally))?.[0];
}
