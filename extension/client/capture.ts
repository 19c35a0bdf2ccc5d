/**
 * The capture: it lives while somebody holds a lease on it. Its runs are the window's, its helpers come and go, and the
 * models are kept in step with them.
 */
import { HelperStartError, prompts } from "../../client/helper.ts";
import type { CaptureStatus, Target, TargetResult } from "../../protocol/capture.ts";
import type { RunOptions } from "../../protocol/rpc.ts";
import { CaptureStateHolder, type Cause } from "../model/capture-state.ts";
import { Exchanges } from "../model/exchanges.ts";
import { isQuiet, type CaptureFailure } from "../model/failure.ts";
import { Leases, targetChange, type Holder } from "../model/leases.ts";
import { Listeners } from "../model/listeners.ts";
import { messageOf } from "../model/message-of.ts";
import { RestartPolicy } from "../model/restart-policy.ts";
import { Helpers, type HelperSurroundings, type NumberedHelper } from "./helpers.ts";

/** Somebody's wish that the capture go on. It is over with `dispose`, and when the capture is stopped or fails. */
export interface Lease {
  /** Whether the probes are on for it. If not, `failures` has told why. */
  readonly begun: Promise<boolean>;
  readonly held: boolean;
  /**
   * Replaces what is watched for this lease; a process that it shares with another stays watched. A target that can't be
   * watched is forgotten, and its `TargetResult.error` says why.
   */
  watch(targets: Target[]): Promise<TargetResult[]>;
  /** `why`: what its end is due to, for the run that it may end with it. */
  dispose(why?: string): void;
}

export interface CaptureSurroundings extends HelperSurroundings {
  /** What the settings say of a run that begins now. */
  run(): RunOptions;
}

/** Milliseconds that probes which took a prompt stay on without a lease: they cost every process a little. */
const idleTime = 5 * 60_000;

export class Capture {
  readonly state = new CaptureStateHolder();
  readonly exchanges = new Exchanges();
  readonly failures = new Listeners<CaptureFailure>();
  readonly #surroundings: CaptureSurroundings;
  readonly #leases = new Leases();
  readonly #helpers: Helpers;
  readonly #restarts = new RestartPolicy();
  /** Whose run goes on. */
  #running: NumberedHelper | undefined;
  /** What it was told to watch. */
  #watched: Target[] = [];
  #idle: NodeJS.Timeout | undefined;
  /** Beginning and ending take their turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(surroundings: CaptureSurroundings) {
    this.#surroundings = surroundings;
    this.#helpers = new Helpers(surroundings, {
      exchanges: (helper, batch) => this.exchanges.apply(helper, batch),
      status: (helper, status) => this.#setStatus(helper, status),
      ended: (helper) => this.#ended(helper),
    });
  }

  /** Somebody holds a lease: it goes on, or is about to. */
  get wanted(): boolean {
    return this.#leases.size > 0;
  }

  /** The first lease begins a run. */
  lease(holder: Holder): Lease {
    const claim = this.#leases.take(holder);
    const isHeld = () => this.#leases.has(claim);
    return {
      begun: this.#settle("").then(() => isHeld() && this.#running !== undefined),
      get held() {
        return isHeld();
      },
      // In its turn, so that its results are not those of a run that is about to begin.
      watch: (targets) => this.#settle("", () => this.#leases.watch(claim, targets)),
      dispose: (why = holder === "debug" ? "debugging ended" : "it was stopped") => {
        if (!isHeld()) return;
        this.#leases.end(claim);
        void this.#settle(why);
      },
    };
  }

  /** Ends every lease, and with them the run; probes that watch nothing are taken off. */
  stop(): Promise<void> {
    const { phase } = this.state.current;
    this.#leases.endAll();
    return this.#inTurn(async () => {
      await this.#endRun("it was stopped");
      if (phase === "idle") await this.#takeProbesOff();
      else if (phase === "failed" || phase === "unavailable") this.state.set({ phase: "stopped" });
    });
  }

  /** Nothing is captured, for a reason that is known beforehand. */
  declare(cause: Cause, message: string): void {
    if (!this.wanted && this.#helpers.active === undefined)
      this.state.set({ phase: "unavailable", cause, message });
  }

  /** Forgets the finished exchanges, and ends the helpers that only kept them. */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#helpers.active?.client.request("tinytap/clear", null);
      await this.#helpers.endRetired();
      this.exchanges.clear();
    });
  }

  /** Resolves when every row is there that was captured until now. */
  async catchUp(): Promise<void> {
    // It has gone, or is about to be told of as lost: then there is nothing to wait for.
    await this.#helpers.active?.client.request("tinytap/drain", null).catch(() => undefined);
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#idle);
    this.#leases.endAll();
    this.#running = undefined;
    await this.#helpers.dispose();
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Brings about what the leases ask for. `why`: what an end would be due to. Never rejects. */
  #settle(why: string, first?: () => void): Promise<TargetResult[]> {
    return this.#inTurn(async () => {
      first?.();
      if (!this.wanted) await this.#endRun(why);
      else if (!this.#running) return this.#beginRun();
      else return this.#tellTargets(this.#running);
      return [];
    }).catch((error: unknown) => {
      // Its helper has gone, which `#ended` sees to.
      this.#surroundings.log.warn(messageOf(error));
      return [];
    });
  }

  async #beginRun(): Promise<TargetResult[]> {
    clearTimeout(this.#idle);
    if (this.#helpers.active === undefined) this.state.set({ phase: "starting" });
    let helper: NumberedHelper | undefined;
    try {
      helper = await this.#helpers.acquire();
      this.exchanges.begin(helper.number, Date.now());
      this.#running = helper;
      this.#watched = this.#leases.targets;
      const options = { ...this.#surroundings.run(), targets: this.#watched };
      const { status, targets } = await helper.client.request("tinytap/begin", options);
      this.#forgetRefused(targets);
      // Should it have ended meanwhile, `#ended` has said so.
      if (this.#running === helper)
        this.state.set({ phase: "capturing", status, elevation: helper.client.elevation });
      return targets;
    } catch (error) {
      if (helper && this.#running !== helper) return []; // it has ended, which `#ended` sees to
      this.#running = undefined;
      if (helper) this.exchanges.end(Date.now(), "it could not begin");
      if (error instanceof HelperStartError) this.#fail(error.code, error.message);
      else this.#fail("crashed", `The capture couldn't start, as its helper failed: ${messageOf(error)}.`);
      return [];
    }
  }

  /** The probes stay on only where others would take another prompt. */
  async #endRun(reason: string): Promise<void> {
    const helper = this.#running;
    if (!helper) return;
    this.#running = undefined;
    const status = prompts(helper.client.elevation)
      ? await helper.client.request("tinytap/end", null).catch(() => undefined)
      : undefined;
    if (status === undefined) await this.#helpers.retire();
    // What was in flight has been told as stopped by now.
    this.exchanges.end(Date.now(), reason);
    if (status === undefined) return this.state.set({ phase: "stopped" });
    this.exchanges.exclude(helper.number, status.tally.excluded);
    this.state.set({ phase: "idle", status, elevation: helper.client.elevation });
    this.#idle = setTimeout(() => {
      void this.#inTurn(() => this.#takeProbesOff());
    }, idleTime);
  }

  async #takeProbesOff(): Promise<void> {
    if (this.#running) return;
    clearTimeout(this.#idle);
    await this.#helpers.retire();
    this.state.set({ phase: "stopped" });
  }

  /** Watches before it unwatches, so that a process that changes its holder is never let go. */
  async #tellTargets({ client }: NumberedHelper): Promise<TargetResult[]> {
    const { targets } = this.#leases;
    const { watch, unwatch } = targetChange(this.#watched, targets);
    this.#watched = targets;
    const results =
      watch.length > 0 ? (await client.request("tinytap/watch", { targets: watch })).targets : [];
    this.#forgetRefused(results);
    if (unwatch.length > 0) await client.request("tinytap/unwatch", { pids: unwatch });
    return results;
  }

  #setStatus(helper: number, status: CaptureStatus): void {
    this.exchanges.exclude(helper, status.tally.excluded);
    const { current } = this.state;
    if (helper === this.#helpers.active?.number && "status" in current)
      this.state.set({ ...current, status });
  }

  #ended(number: number): void {
    this.exchanges.lose(number);
    if (this.state.current.phase === "idle" && !this.#helpers.active) this.state.set({ phase: "stopped" });
    const helper = this.#running;
    if (helper?.number !== number) return;
    // Nobody has asked it to.
    this.#running = undefined;
    this.exchanges.end(Date.now(), "its helper ended unexpectedly");
    if (!prompts(helper.client.elevation) && this.#restarts.allow(Date.now())) {
      this.#surroundings.log.error("The helper ended by itself; starting it again.");
      void this.#settle("");
    } else {
      const time = new Date().toLocaleTimeString();
      this.#fail("ended", `The capture ended at ${time}, because its helper did. What was captured stays.`);
    }
  }

  #fail(cause: Cause, message: string): void {
    this.#surroundings.log.error(`${message} (${cause})`);
    const failure = { cause, message, holders: this.#leases.holders };
    this.#leases.endAll();
    this.state.set({ phase: isQuiet(failure) ? "unavailable" : "failed", cause, message });
    this.failures.fire(failure);
  }

  #forgetRefused(results: TargetResult[]): void {
    for (const { pid, error } of results) {
      if (error === undefined) continue;
      this.#surroundings.log.warn(`Process ${pid} is not watched: ${error}`);
      this.#leases.forget(pid);
      this.#watched = this.#watched.filter((target) => target.pid !== pid);
    }
  }
}
