import type { Loaded } from "../../helper/capture/addon.ts";

/** All of them, to be closed. */
export function descriptors({ ring, targets, counters, mutes, sources }: Loaded): number[] {
  return [
    ...[ring, targets, counters, mutes],
    ...sources.flatMap(({ links, programs }) => [...links, ...programs.map(({ fd }) => fd)]),
  ];
}
