/** What is said of a comparison: how much agrees, and why the rest doesn't. */
import type { Seen } from "./capture.ts";
import { compare, type Difference } from "./compare.ts";
import type { Exchange } from "./exchange.ts";
import { explain } from "./explain.ts";

/** Differences that nothing explains, printed one by one. */
const mostShown = 20;

/** Prints it. Gives whether every difference has an explanation, and nothing was lost on either side. */
export function report(seen: Seen): boolean {
  console.log(`Tinytap: ${seen.tally}`);
  console.log(
    `tshark: ${seen.packets.length} exchanges, ${seen.tls} connections TLS, ${seen.dropped} packets dropped`,
  );
  const table: Record<string, Record<string, number>> = {};
  let isSound = seen.dropped === 0;
  for (const role of ["server", "client"] as const) {
    const count = (row: string, by = 1) => {
      const counts = (table[row] ??= { server: 0, client: 0 });
      counts[role]! += by;
    };
    const { agreed, differences } = compare(seen[role], seen.packets);
    count("the same: method, target, status, both sizes", agreed);
    const unexplained = differences.filter((difference) => {
      const why = explain(difference, role, seen.tally);
      count(why ?? "unexplained");
      return why === undefined;
    });
    for (const difference of unexplained.slice(0, mostShown))
      console.log(`unexplained, ${role}: ${textOf(difference)}`);
    if (unexplained.length > 0 || agreed === 0) isSound = false;
  }
  for (const [row, { server, client }] of Object.entries(table))
    console.log(`${String(server).padStart(7)} ${String(client).padStart(7)}  ${row}`);
  console.log(" server  client  at which end Tinytap saw it");
  return isSound;
}

function textOf({ what, ours, theirs }: Difference): string {
  const { connection } = ours ?? theirs!;
  return `${what}, ports ${connection}\n  Tinytap: ${exchangeText(ours)}\n  tshark:  ${exchangeText(theirs)}`;
}

function exchangeText(exchange: Exchange | undefined): string {
  if (exchange === undefined) return "-";
  const { stream, method, target, requestSize, status, responseSize, end } = exchange;
  const words = [stream !== undefined && `stream ${stream}`, method, target?.slice(0, 60), requestSize, "->"];
  return [...words, status ?? "-", responseSize, end]
    .filter((word) => word !== undefined && word !== false)
    .join(" ");
}
