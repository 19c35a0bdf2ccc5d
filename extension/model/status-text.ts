/** The capture's state in words, a paragraph for each thing to say: what is done, what it costs, and what ran as root. */
import type { CaptureStatus, Elevation } from "../../protocol/capture.ts";
import { othersText, sizeText } from "../../protocol/format.ts";
import { looks, type CaptureState, type Standing } from "./capture-state.ts";
import type { Cost } from "./cost.ts";
import { programsText, type Program } from "./programs.ts";
import { countText, excludedText } from "./text.ts";

export interface Known {
  /** Those that are watched. */
  programs?: readonly Program[];
  cost?: Cost | undefined;
}

export function detailsText(state: CaptureState, known: Known = {}): string {
  const said = [`Tinytap: ${looks[state.phase].words}`];
  if ("message" in state) said.push(state.message);
  if ("status" in state) said.push(...standingLines(state, known));
  return said.join("\n\n");
}

function standingLines({ status, elevation }: Standing, { programs = [], cost }: Known): string[] {
  const { targets, sources } = status;
  const probes = sources.filter(({ on }) => on).map(({ name }) => name);
  return [
    ...(targets.length > 0 ? [`${watchedText(targets.length, programs)}; probes: ${probes.join(", ")}`] : []),
    ...(cost === undefined ? [] : [costText(cost)]),
    ...tallyLines(status),
    ...sources.filter(({ on }) => !on).map(({ name, reason }) => `${name} is off: ${reason ?? "unknown"}`),
    `As root ran what attaches the probes (${byWhat[elevation]}), and nothing since: the helper gave up every right.`,
  ];
}

const byWhat: Record<Elevation, string> = {
  root: "VS Code’s extensions run as root here",
  sudo: "by sudo",
  pkexec: "by pkexec",
};

function watchedText(count: number, programs: readonly Program[]): string {
  const counted = `${count} ${count === 1 ? "process" : "processes"} watched`;
  return programs.length === 0 ? counted : `${counted}: ${programsText(programs)}`;
}

/** e.g. `Now: 120 exchanges/s, 4.3 MB/s; the helper takes 3 % of a CPU and 96 MB`. */
function costText({ exchanges, bytes, cpu, memory }: Cost): string {
  const traffic =
    exchanges === 0 && bytes === 0
      ? "no traffic"
      : `${countText(Math.round(exchanges))} exchanges/s, ${sizeText(Math.round(bytes))}/s`;
  const share = cpu < 0.005 ? "less than 1 %" : `${Math.round(cpu * 100)} %`;
  return `Now: ${traffic}; the helper takes ${share} of a CPU and ${sizeText(memory)}. Each system call of what is watched takes a little longer.`;
}

function tallyLines({ tally }: CaptureStatus): string[] {
  const lost = Object.entries(tally.lost).map(([reason, count]) => `${reason} ${count}`);
  return [
    `${tally.exchanges} exchanges ended, ${tally.inFlight} in flight, ${sizeText(tally.bytes)} seen`,
    `${sizeText(tally.memory.used)} of ${sizeText(tally.memory.size)} of memory taken, ${sizeText(tally.memory.pinned)} of it pinned`,
    ...[excludedText(tally.excluded), othersText(tally.otherConnections)].filter((text) => text !== ""),
    ...(tally.splicedConnections > 0
      ? [`${connectionsText(tally.splicedConnections)} spliced, not readable`]
      : []),
    ...(lost.length > 0 ? [`Lost: ${lost.join(", ")}`] : []),
  ];
}

function connectionsText(count: number): string {
  return `${count} ${count === 1 ? "connection" : "connections"}`;
}
