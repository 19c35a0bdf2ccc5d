/**
 * Holds launches back until the probes are on, so that the first request is seen; not for long, and not in silence. Each
 * launch holds a lease of its own until its session takes one, or it has evidently failed.
 */

/** The part of a capture's lease that it needs. */
export interface LaunchLease {
  readonly begun: Promise<boolean>;
  dispose(): void;
}

export interface GateSurroundings {
  /** Whether launches may be captured; it may ask. */
  consent(): Promise<boolean>;
  lease(): LaunchLease;
  /** Lets the sessions that run be captured: the answer came when they were there already. */
  join(): void;
  /** Says what a launch waits for, until it doesn't wait any more. Resolves earlier when the user doesn't want to wait. */
  sayWaiting(over: Promise<unknown>): Promise<void>;
  /** The present, as processes' starts are told: clock ticks since boot. */
  now(): number;
}

export interface GateTimes {
  /** Milliseconds that a launch waits at most. */
  patience: number;
  /** A launch that waits longer is told why. */
  silence: number;
  /** A launch that brought no session by then has failed. */
  lifetime: number;
}

interface Launch {
  since: number;
  lease: LaunchLease | undefined;
  /** Its session is there. */
  passed: boolean;
  timer: NodeJS.Timeout | undefined;
}

const usualTimes: GateTimes = { patience: 5000, silence: 500, lifetime: 60_000 };

export class LaunchGate {
  /** The last launch may be captured: so may the sessions that it brings. */
  granted = false;
  readonly #surroundings: GateSurroundings;
  readonly #times: GateTimes;
  /** By what tells launches apart: folder and name. */
  readonly #launches = new Map<string, Launch>();
  /** One question for launches that come together. */
  #asking: Promise<boolean> | undefined;

  constructor(surroundings: GateSurroundings, times: GateTimes = usualTimes) {
    this.#surroundings = surroundings;
    this.#times = times;
  }

  /** Resolves when the launch may go on. Never rejects: whatever fails here, debugging comes first. */
  async hold(key: string): Promise<void> {
    this.#forget(key);
    const launch: Launch = {
      since: this.#surroundings.now(),
      lease: undefined,
      passed: false,
      timer: undefined,
    };
    this.#launches.set(key, launch);
    launch.timer = setTimeout(() => this.#forget(key), this.#times.lifetime);
    const ready = this.#open(launch).catch(() => undefined);
    if (await within(ready, this.#times.silence)) return;
    const over = within(ready, this.#times.patience - this.#times.silence);
    await Promise.race([over, this.#surroundings.sayWaiting(over)]).catch(() => undefined);
  }

  /** When the launch began that brought this session; undefined: it came by itself. */
  since(key: string): number | undefined {
    return this.#launches.get(key)?.since;
  }

  /** The session is there, and has a lease of its own if it shall have one. */
  passed(key: string): void {
    const launch = this.#launches.get(key);
    if (!launch) return;
    clearTimeout(launch.timer);
    launch.passed = true;
    launch.lease?.dispose();
    launch.lease = undefined;
  }

  /** No launch is remembered any more. */
  dispose(): void {
    for (const key of [...this.#launches.keys()]) this.#forget(key);
  }

  async #open(launch: Launch): Promise<void> {
    this.#asking ??= this.#surroundings.consent().finally(() => {
      this.#asking = undefined;
    });
    this.granted = await this.#asking;
    if (!this.granted) return;
    if (launch.passed) return this.#surroundings.join();
    launch.lease = this.#surroundings.lease();
    await launch.lease.begun;
  }

  #forget(key: string): void {
    this.passed(key);
    this.#launches.delete(key);
  }
}

/** Whether `work` is done in so many milliseconds; it goes on in any case. */
async function within(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const done = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
