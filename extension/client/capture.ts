/** The capture: starts and ends helpers, one at a time, and keeps the model in step with the one that runs. */
import type { LogOutputChannel } from "vscode";
import { HelperStartError, type Helper } from "../../client/helper.ts";
import { describeSources } from "../../client/sources.ts";
import type { Target, TargetResult } from "../../protocol/capture.ts";
import type { CaptureOptions, Requests, StartErrorCode } from "../../protocol/rpc.ts";
import { CaptureStateHolder } from "../model/capture-state.ts";
import { Exchanges } from "../model/exchanges.ts";
import { Listeners } from "../model/listeners.ts";
import { messageOf } from "../model/message-of.ts";
import { RestartPolicy } from "../model/restart-policy.ts";
import { targetChange, TargetSet } from "../model/target-set.ts";
import { CaptureClient } from "./capture-client.ts";

export interface CaptureFailure {
  code: StartErrorCode;
  message: string;
  /** Who had asked for the capture. */
  holders: Holder[];
}

/** Who wants a capture to go on. */
export type Holder = "user" | "debug";

export interface CaptureSurroundings {
  log: LogOutputChannel;
  spawn(): Promise<Helper>;
  /** What the settings say at the start of a capture. */
  options(): CaptureOptions;
}

export class Capture {
  readonly state = new CaptureStateHolder();
  readonly exchanges = new Exchanges();
  /** Failures that a person must hear of. */
  readonly failures = new Listeners<CaptureFailure>();
  readonly #surroundings: CaptureSurroundings;
  readonly #targets = new TargetSet();
  /** What the running helper was told to watch. */
  #watched: Target[] = [];
  readonly #restarts = new RestartPolicy();
  readonly #holders = new Set<Holder>();
  /** After a stop it stays, detached, so that what was captured can still be opened. */
  #client: CaptureClient | undefined;
  /** Starting and stopping take their turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(surroundings: CaptureSurroundings) {
    this.#surroundings = surroundings;
  }

  get capturing(): boolean {
    return this.state.current.phase === "capturing";
  }

  /** What is, or would be, watched. */
  get targets(): Target[] {
    return this.#targets.all();
  }

  /** Answers whether the probes are on; if not, `failures` has told why. */
  start(holder: Holder): Promise<boolean> {
    return this.#inTurn(() => {
      this.#holders.add(holder);
      return this.#start();
    });
  }

  /** Ends the capture, unless somebody else holds it too. */
  async release(holder: Holder): Promise<void> {
    if (this.#holders.delete(holder) && this.#holders.size === 0) await this.stop();
  }

  /** Takes the probes off; the exchanges stay, and can be opened until `clear` or the next start. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#holders.clear();
      if (!this.capturing) return;
      this.state.set({ phase: "stopped" });
      try {
        await this.#client?.request("tinytap/detach", null);
      } catch (error) {
        this.#surroundings.log.warn(`The helper couldn't detach, and is ended: ${messageOf(error)}`);
        await this.#end();
      }
    });
  }

  /** Forgets the finished exchanges; when nothing is captured, all of them, and the helper that kept them. */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.capturing) {
        await this.#client?.request("tinytap/clear", null);
        this.exchanges.clearFinished();
      } else {
        await this.#end();
        this.exchanges.reset();
      }
    });
  }

  /**
   * Replaces what `owner` watches; without targets it watches nothing more. Before a start it is only noted.
   * A target that can't be watched is forgotten, and its `TargetResult.error` says why.
   */
  async watch(owner: string, targets: Target[]): Promise<TargetResult[]> {
    this.#targets.set(owner, targets);
    return this.#tellTargets();
  }

  async request<M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]> {
    if (!this.#client) throw new Error("The capture has ended; what was captured is no longer kept.");
    return this.#client.request(method, params);
  }

  async dispose(): Promise<void> {
    await this.#inTurn(() => this.#end());
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #start(): Promise<boolean> {
    if (this.capturing) return true;
    const { log } = this.#surroundings;
    this.state.set({ phase: "starting" });
    await this.#end();
    this.exchanges.reset();
    try {
      const client = new CaptureClient(await this.#surroundings.spawn(), () => this.#captureOptions(), log);
      client.onNotification("tinytap/exchanges", (batch) => this.exchanges.apply(batch));
      client.onNotification("tinytap/status", (status) => {
        if (this.capturing) this.state.set({ phase: "capturing", status });
      });
      const { status, targets } = await client.start();
      for (const line of describeSources(status.sources)) log.info(line);
      this.#client = client;
      this.#forgetRefused(targets);
      this.state.set({ phase: "capturing", status });
      void client.ended.then(() => this.#ended(client));
      await this.#tellTargets();
      return true;
    } catch (error) {
      this.#fail(error instanceof HelperStartError ? error.code : "crashed", messageOf(error));
      return false;
    }
  }

  #captureOptions(): CaptureOptions {
    this.#watched = this.targets;
    return { ...this.#surroundings.options(), targets: this.#watched, feed: "summaries" };
  }

  /** Watches before it unwatches, so that a process that changes its owner is never let go. */
  async #tellTargets(): Promise<TargetResult[]> {
    if (!this.capturing || !this.#client) return [];
    const { watch, unwatch } = targetChange(this.#watched, this.targets);
    this.#watched = this.targets;
    const results =
      watch.length > 0 ? (await this.#client.request("tinytap/watch", { targets: watch })).targets : [];
    this.#forgetRefused(results);
    if (unwatch.length > 0) await this.#client.request("tinytap/unwatch", { pids: unwatch });
    return results;
  }

  /** The helper ended, and nobody asked it to. */
  #ended(client: CaptureClient): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    if (!this.capturing) return;
    if (!client.prompted && this.#restarts.allow(Date.now())) {
      this.#surroundings.log.error("The helper ended by itself; starting it again.");
      this.state.set({ phase: "stopped" });
      void this.#inTurn(() => this.#start());
    } else {
      this.#fail("crashed", "The capture's helper process ended unexpectedly.");
    }
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  #fail(code: StartErrorCode, message: string): void {
    this.#surroundings.log.error(`${message} (${code})`);
    this.state.set({ phase: "failed", message });
    const holders = [...this.#holders];
    this.#holders.clear();
    this.failures.fire({ code, message, holders });
  }

  #forgetRefused(results: TargetResult[]): void {
    for (const { pid, error } of results) {
      if (error === undefined) continue;
      this.#surroundings.log.warn(`Process ${pid} is not watched: ${error}`);
      this.#targets.forget(pid);
      this.#watched = this.#watched.filter((target) => target.pid !== pid);
    }
  }
}
