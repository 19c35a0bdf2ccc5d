/** The capture: starts and ends helpers, one at a time, and keeps the model in step with them. */
import type { LogOutputChannel } from "vscode";
import { HelperStartError, type Helper } from "../../client/helper.ts";
import { describeSources } from "../../client/sources.ts";
import type { Target, TargetResult } from "../../protocol/capture.ts";
import type { CaptureOptions, Requests, StartErrorCode } from "../../protocol/rpc.ts";
import { CaptureStateHolder } from "../model/capture-state.ts";
import { Exchanges } from "../model/exchanges.ts";
import { Listeners } from "../model/listeners.ts";
import { messageOf } from "../model/message-of.ts";
import { partsOf, type ExchangeKey } from "../model/run.ts";
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

/** Helpers that live on after their run, as their bodies can still be opened; each may hold its whole memory. */
const mostEnded = 2;

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
  /** Of the run that goes on. */
  #client: CaptureClient | undefined;
  /** Every helper that lives, by its number; those whose run has ended stay, detached, for the bodies they keep. */
  readonly #clients = new Map<number, CaptureClient>();
  #helpers = 0;
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

  /** Takes the probes off; the exchanges stay, and can be opened. What is in flight ends as `stopped`. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#holders.clear();
      const client = this.#client;
      if (!this.capturing || !client) return;
      this.#client = undefined;
      try {
        await client.request("tinytap/detach", null);
      } catch (error) {
        this.#surroundings.log.warn(`The helper couldn't detach, and is ended: ${messageOf(error)}`);
        await client.end();
      }
      this.state.set({ phase: "stopped" });
      this.exchanges.end(Date.now(), "it was stopped");
      await this.#endOldest();
    });
  }

  /** Forgets the finished exchanges, and ends the helpers that only kept them. */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#client?.request("tinytap/clear", null);
      const idle = [...this.#clients.values()].filter((client) => client !== this.#client);
      await Promise.all(idle.map((client) => client.end()));
      this.exchanges.clear();
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

  /** Asks the helper that keeps this exchange; `params` but for its `id`. Rejects with the reason where none does. */
  async ask<M extends "tinytap/exchange" | "tinytap/body" | "tinytap/pin">(
    method: M,
    key: ExchangeKey,
    params: Omit<Requests[M][0], "id">,
  ): Promise<Requests[M][1]> {
    const { helper, id } = partsOf(key);
    return this.#keeper(helper, key).request(method, { ...params, id } as Requests[M][0]);
  }

  /** Adds rows older than this one that its helper keeps and has not sent. */
  async loadOlder(before: ExchangeKey): Promise<void> {
    const { helper, id } = partsOf(before);
    const { exchanges } = await this.#keeper(helper, before).request("tinytap/list", { before: id });
    this.exchanges.add(helper, exchanges);
  }

  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      this.#client = undefined;
      await Promise.all([...this.#clients.values()].map((client) => client.end()));
    });
  }

  #keeper(helper: number, key: ExchangeKey): CaptureClient {
    const client = this.#clients.get(helper);
    if (!client) throw new Error(this.exchanges.unreadable(key) ?? "This exchange is no longer kept.");
    return client;
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
    try {
      const client = new CaptureClient(await this.#surroundings.spawn(), () => this.#captureOptions(), log);
      const helper = ++this.#helpers;
      client.onNotification("tinytap/exchanges", (batch) => this.exchanges.apply(helper, batch));
      client.onNotification("tinytap/status", (status) => {
        if (client === this.#client) this.state.set({ phase: "capturing", status });
      });
      const { status, targets } = await client.start();
      for (const line of describeSources(status.sources)) log.info(line);
      this.#client = client;
      this.#clients.set(helper, client);
      this.exchanges.begin(helper, Date.now());
      this.#forgetRefused(targets);
      this.state.set({ phase: "capturing", status });
      void client.ended.then(() => this.#ended(helper, client));
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

  #ended(helper: number, client: CaptureClient): void {
    this.#clients.delete(helper);
    this.exchanges.lose(helper, "The helper that kept this exchange has ended, and its body is gone.");
    if (client !== this.#client) return;
    this.#client = undefined;
    this.exchanges.end(Date.now(), "its helper ended unexpectedly");
    if (!client.prompted && this.#restarts.allow(Date.now())) {
      this.#surroundings.log.error("The helper ended by itself; starting it again.");
      this.state.set({ phase: "stopped" });
      void this.#inTurn(() => this.#start());
    } else {
      this.#fail("crashed", "The capture's helper process ended unexpectedly.");
    }
  }

  async #endOldest(): Promise<void> {
    const ended = [...this.#clients.values()].slice(0, -mostEnded);
    await Promise.all(ended.map((client) => client.end()));
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
