/**
 * Which processes are watched, and for whom: two debug sessions may watch the same process, and the end of one
 * must not take it from the other.
 */
import type { Target } from "../../protocol/capture.ts";

export class TargetSet {
  readonly #byOwner = new Map<string, Target[]>();

  /** Each process once; children are followed if any owner asks for them. */
  all(): Target[] {
    const byPid = new Map<number, Target>();
    for (const { pid, children } of [...this.#byOwner.values()].flat())
      byPid.set(pid, { pid, children: children || byPid.get(pid)?.children === true });
    return [...byPid.values()];
  }

  /** Replaces what `owner` watches; with nothing left to watch the owner goes. */
  set(owner: string, targets: Target[]): void {
    if (targets.length > 0) this.#byOwner.set(owner, targets);
    else this.#byOwner.delete(owner);
  }

  /** Takes a process out for everybody. */
  forget(pid: number): void {
    for (const [owner, targets] of [...this.#byOwner])
      this.set(
        owner,
        targets.filter((target) => target.pid !== pid),
      );
  }
}

/** What the helper must be told to come from one set of targets to another. */
export function targetChange(before: Target[], after: Target[]): { watch: Target[]; unwatch: number[] } {
  return {
    watch: after.filter(
      ({ pid, children }) => !before.some((old) => old.pid === pid && old.children === children),
    ),
    unwatch: before.filter(({ pid }) => !after.some((target) => target.pid === pid)).map(({ pid }) => pid),
  };
}
