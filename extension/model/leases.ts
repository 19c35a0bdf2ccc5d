/**
 * Who wants the capture to go on, and which processes each wants watched. A capture lives while somebody holds a lease on
 * it. Two debug sessions may watch the same process, and the end of one must not take it from the other.
 */
import type { Target } from "../../protocol/capture.ts";

/** On whose behalf: the user has chosen a process by hand, or something is being debugged. */
export type Holder = "user" | "debug";

/** What names one lease: each is another object. */
export interface Claim {
  readonly holder: Holder;
}

export class Leases {
  readonly #held = new Map<Claim, Target[]>();

  get size(): number {
    return this.#held.size;
  }

  /** Each once. */
  get holders(): Holder[] {
    return [...new Set([...this.#held.keys()].map(({ holder }) => holder))];
  }

  /** Each process once; children are followed, and descendants watched, if any holder asks for it. */
  get targets(): Target[] {
    const byPid = new Map<number, Target>();
    for (const { pid, children, descendants } of [...this.#held.values()].flat()) {
      const known = byPid.get(pid);
      byPid.set(pid, {
        pid,
        children: children || known?.children === true,
        ...((descendants || known?.descendants) && { descendants: true }),
      });
    }
    return [...byPid.values()];
  }

  has(claim: Claim): boolean {
    return this.#held.has(claim);
  }

  take(holder: Holder): Claim {
    const claim = { holder };
    this.#held.set(claim, []);
    return claim;
  }

  /** Replaces what is watched for this lease; one that has ended watches nothing. */
  watch(claim: Claim, targets: Target[]): void {
    if (this.#held.has(claim)) this.#held.set(claim, targets);
  }

  end(claim: Claim): void {
    this.#held.delete(claim);
  }

  /** Ends all, whoever holds them. */
  endAll(): void {
    this.#held.clear();
  }

  /** Takes a process out for everybody. */
  forget(pid: number): void {
    for (const [claim, targets] of this.#held)
      this.#held.set(
        claim,
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
