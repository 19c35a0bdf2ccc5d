/** Exchange by exchange: what two saw of the same connections. */
import type { Exchange } from "./exchange.ts";

export interface Difference {
  ours: Exchange | undefined;
  theirs: Exchange | undefined;
  /** All of the connection, in their order. */
  oursAll: readonly Exchange[];
  theirsAll: readonly Exchange[];
  /** The first of what is not the same. */
  what: string;
}

export interface Comparison {
  agreed: number;
  differences: Difference[];
}

export function compare(ours: readonly Exchange[], theirs: readonly Exchange[]): Comparison {
  const [oursBy, theirsBy] = [byConnection(ours), byConnection(theirs)];
  const result: Comparison = { agreed: 0, differences: [] };
  for (const connection of new Set([...oursBy.keys(), ...theirsBy.keys()])) {
    const [oursAll, theirsAll] = [oursBy.get(connection) ?? [], theirsBy.get(connection) ?? []];
    for (const [one, other] of aligned(oursAll, theirsAll)) {
      const what = difference(one, other);
      if (what === undefined) result.agreed++;
      else result.differences.push({ ours: one, theirs: other, oursAll, theirsAll, what });
    }
  }
  return result;
}

function byConnection(exchanges: readonly Exchange[]): Map<string, Exchange[]> {
  const found = new Map<string, Exchange[]>();
  for (const exchange of exchanges)
    found.set(exchange.connection, [...(found.get(exchange.connection) ?? []), exchange]);
  // Of HTTP/2 the streams' numbers, of HTTP/1 the times are an order that both know.
  for (const all of found.values())
    all.sort((a, b) => (a.stream ?? 0) - (b.stream ?? 0) || a.start - b.start);
  return found;
}

/** Pairs of them, in order; where one side lacks some the others stand alone. */
function aligned(
  ours: readonly Exchange[],
  theirs: readonly Exchange[],
): [Exchange | undefined, Exchange | undefined][] {
  const pairs: [Exchange | undefined, Exchange | undefined][] = [];
  let [i, j] = [0, 0];
  while (i < ours.length || j < theirs.length) {
    const [one, other] = [ours[i], theirs[j]];
    if (one === undefined || other === undefined || isSame(one, other)) {
      pairs.push([one, other]);
      i++;
      j++;
    } else if (theirs.slice(j).some((later) => isSame(one, later))) pairs.push([undefined, theirs[j++]]);
    else pairs.push([ours[i++], undefined]);
  }
  return pairs;
}

function isSame(one: Exchange, other: Exchange): boolean {
  if (one.stream !== other.stream) return false;
  // tshark may tell a response alone: then its status has to do.
  if (other.method === undefined) return one.status === other.status;
  return one.method === other.method && withoutBlanks(one.target) === withoutBlanks(other.target);
}

/** tshark's ends with the first blank, or NUL. */
function withoutBlanks(target: string | undefined): string | undefined {
  return target?.split(/[\s\0]/, 1)[0];
}

function difference(one: Exchange | undefined, other: Exchange | undefined): string | undefined {
  if (one === undefined) return "only tshark";
  if (other === undefined) return "only Tinytap";
  for (const field of ["method", "target", "status", "requestSize", "responseSize"] as const)
    if (one[field] !== other[field]) return field;
  return undefined;
}
