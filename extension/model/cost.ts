/** What the capture costs at the moment: from two statuses of the helper, and how long ago they came. */
import type { CaptureStatus } from "../../protocol/capture.ts";

export interface Cost {
  /** Per second. */
  exchanges: number;
  bytes: number;
  /** Of one CPU's time, from 0 on: of several threads it may be above 1. */
  cpu: number;
  /** Bytes of memory that the helper has. */
  memory: number;
}

/** Milliseconds after which nothing has changed: otherwise the helper would have told (`tinytap/status`). */
export const silence = 4000;

interface Moment {
  status: CaptureStatus;
  time: number;
}

export class CostMeter {
  #before: Moment | undefined;
  #latest: Moment | undefined;

  /** Undefined: no helper has its probes on. Times are milliseconds of one clock. */
  take(status: CaptureStatus | undefined, time: number): void {
    if (status === undefined) {
      this.#before = this.#latest = undefined;
      return;
    }
    if (status === this.#latest?.status) return;
    // Another helper has begun to count anew.
    const isSame = this.#latest !== undefined && status.cost.cpu >= this.#latest.status.cost.cpu;
    this.#before = isSame ? this.#latest : undefined;
    this.#latest = { status, time };
  }

  /** Undefined until there are two statuses to compare. */
  cost(now: number): Cost | undefined {
    if (this.#latest === undefined || this.#before === undefined) return undefined;
    const { status, time } = this.#latest;
    const before = this.#before.status;
    const { memory } = status.cost;
    if (now - time > silence) return { exchanges: 0, bytes: 0, cpu: 0, memory };
    const milliseconds = Math.max(time - this.#before.time, 1);
    const perSecond = (from: number, to: number) => Math.max(((to - from) * 1000) / milliseconds, 0);
    return {
      exchanges: perSecond(before.tally.exchanges, status.tally.exchanges),
      bytes: perSecond(before.tally.bytes, status.tally.bytes),
      cpu: (status.cost.cpu - before.cost.cpu) / milliseconds,
      memory,
    };
  }
}
