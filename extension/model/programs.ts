/** The programs that are watched, in words. */
import { oneLine } from "../../protocol/one-line.ts";

export interface Program {
  pid: number;
  name: string;
  /** Those it listens on. */
  ports: readonly number[];
}

/** Characters of a name, and ports, that are shown. */
const mostName = 40;
const mostPorts = 5;

/** e.g. `Capturing shop (process 48112). It listens on port 8080 and has had no HTTP request yet.` */
export function capturingText(programs: readonly Program[]): string {
  if (programs.length === 0) return "Capturing. No process is watched yet.";
  const ports = [...new Set(programs.flatMap((program) => program.ports))];
  const several = programs.length > 1;
  const listens =
    ports.length === 0
      ? `${several ? "None of them listens" : "It listens"} on ${several ? "a" : "no"} port, and no HTTP request was seen yet.`
      : `${several ? "They listen" : "It listens"} on ${portsText(ports)} and ${several ? "have" : "has"} had no HTTP request yet.`;
  return `Capturing ${programsText(programs)}. ${listens}`;
}

/** e.g. `shop (process 48112) and 2 others`: first those that listen. */
export function programsText(programs: readonly Program[]): string {
  const [first, ...others] = programs.toSorted((a, b) => b.ports.length - a.ports.length);
  if (first === undefined) return "";
  const more = others.length === 0 ? "" : ` and ${others.length} ${others.length === 1 ? "other" : "others"}`;
  return `${oneLine(first.name, mostName)} (process ${first.pid})${more}`;
}

function portsText(ports: readonly number[]): string {
  const shown = ports.slice(0, mostPorts).join(", ");
  const more = ports.length > mostPorts ? ` and ${ports.length - mostPorts} more` : "";
  return `${ports.length === 1 ? "port" : "ports"} ${shown}${more}`;
}
