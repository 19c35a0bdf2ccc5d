import type { SearchParams } from "../protocol/search.ts";

/** Which of the exchanges, given in any order, a page goes through: the newest first. */
export function idsToSearch(all: Iterable<number>, { ids, before, since = 0 }: SearchParams): number[] {
  const named = ids && new Set(ids);
  return [...all]
    .filter((id) => id > since && (before === undefined || id < before) && (named?.has(id) ?? true))
    .toSorted((a, b) => b - a);
}
