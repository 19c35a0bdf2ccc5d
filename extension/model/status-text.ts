/** The capture's state in words, a paragraph for each thing to say. */
import type { CaptureStatus } from "../../protocol/capture.ts";
import { othersText, sizeText } from "../../protocol/format.ts";
import { looks, type CaptureState } from "./capture-state.ts";

export function detailsText(state: CaptureState): string {
  const said = [`Tinytap: ${looks[state.phase].words}`];
  if ("message" in state) said.push(state.message);
  if ("status" in state) said.push(...statusLines(state.status));
  return said.join("\n\n");
}

function statusLines({ targets, sources, tally }: CaptureStatus): string[] {
  const lost = Object.entries(tally.lost).map(([reason, count]) => `${reason} ${count}`);
  return [
    ...(targets.length > 0
      ? [`${targets.length} ${targets.length === 1 ? "process" : "processes"} watched`]
      : []),
    `${tally.exchanges} exchanges ended, ${tally.inFlight} in flight, ${sizeText(tally.bytes)} seen`,
    `${sizeText(tally.memory.used)} of ${sizeText(tally.memory.size)} of memory taken, ${sizeText(tally.memory.pinned)} of it pinned`,
    ...[othersText(tally.otherConnections)].filter((text) => text !== ""),
    ...(tally.splicedConnections > 0
      ? [`${connectionsText(tally.splicedConnections)} spliced, not readable`]
      : []),
    ...(lost.length > 0 ? [`Lost: ${lost.join(", ")}`] : []),
    ...sources.filter(({ on }) => !on).map(({ name, reason }) => `${name} is off: ${reason ?? "unknown"}`),
  ];
}

function connectionsText(count: number): string {
  return `${count} ${count === 1 ? "connection" : "connections"}`;
}
