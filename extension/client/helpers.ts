/**
 * The helpers of this window. At most one has its probes on: it serves run after run as long as it suits. A few more have
 * taken theirs off, and live on for the bodies that they keep.
 */
import { describeSources } from "../../client/sources.ts";
import type { CaptureStatus, Elevation } from "../../protocol/capture.ts";
import type { Notifications, Requests } from "../../protocol/rpc.ts";
import { messageOf } from "../model/message-of.ts";
import type { ExchangeSource, Sources } from "../model/sources.ts";

/** What is spoken with one helper. */
export interface HelperClient {
  readonly elevation: Elevation;
  /** Resolves when the helper has gone, however it ended. */
  readonly ended: Promise<void>;
  /** `signal` cancels it: then it rejects, if it has not been answered. */
  request<M extends keyof Requests>(
    method: M,
    params: Requests[M][0],
    signal?: AbortSignal,
  ): Promise<Requests[M][1]>;
  onNotification<M extends keyof Notifications>(method: M, handler: (params: Notifications[M]) => void): void;
  /** Ends the helper and, with it, every probe. */
  end(): Promise<void>;
}

export interface Log {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** What holds for a helper's whole life, in MiB. */
export interface HelperOptions {
  ringSize: number;
  memory: number;
}

export interface HelperSurroundings {
  log: Log;
  /** Where they are numbered, and read. */
  sources: Sources;
  /** Starts a helper and shakes hands with it. Rejects with HelperStartError where it doesn't stand. */
  open(options: HelperOptions): Promise<{ client: HelperClient; status: CaptureStatus }>;
  /** What the settings say now. */
  options(): HelperOptions;
}

/** What becomes of a helper, by its number. */
export interface HelperEvents {
  exchanges(number: number, batch: Notifications["tinytap/exchanges"]): void;
  status(number: number, status: CaptureStatus): void;
  /** However it ended, and whoever wanted it. */
  ended(number: number): void;
}

export interface NumberedHelper {
  readonly number: number;
  readonly client: HelperClient;
  readonly options: HelperOptions;
}

/** Helpers that live on without probes: each may hold its whole memory. */
const mostRetired = 2;

export class Helpers {
  /** The one whose probes are on. */
  active: NumberedHelper | undefined;
  readonly #surroundings: HelperSurroundings;
  readonly #events: HelperEvents;
  readonly #living = new Map<number, NumberedHelper>();

  constructor(surroundings: HelperSurroundings, events: HelperEvents) {
    this.#surroundings = surroundings;
    this.#events = events;
  }

  /** Those whose exchanges can be read. */
  get living(): NumberedHelper[] {
    return [...this.#living.values()];
  }

  get(number: number): NumberedHelper | undefined {
    return this.#living.get(number);
  }

  /** The active one, if it has what the settings ask for; else another, which a person may be asked to allow. */
  async acquire(): Promise<NumberedHelper> {
    const options = this.#surroundings.options();
    if (this.active && JSON.stringify(this.active.options) === JSON.stringify(options)) return this.active;
    await this.retire();
    const { client, status } = await this.#surroundings.open(options);
    const helper = { number: this.#surroundings.sources.add(sourceOf(client)), client, options };
    client.onNotification("tinytap/exchanges", (batch) => this.#events.exchanges(helper.number, batch));
    client.onNotification("tinytap/status", (status) => this.#events.status(helper.number, status));
    for (const line of describeSources(status.sources)) this.#surroundings.log.info(line);
    this.active = helper;
    this.#living.set(helper.number, helper);
    void client.ended.then(() => this.#ended(helper));
    return helper;
  }

  /** Takes the probes of the active one off, for good; what it captured can still be read. */
  async retire(): Promise<void> {
    const helper = this.active;
    if (!helper) return;
    this.active = undefined;
    try {
      this.#events.status(helper.number, await helper.client.request("tinytap/detach", null));
    } catch (error) {
      this.#surroundings.log.warn(`The helper couldn't detach, and is ended: ${messageOf(error)}`);
      await helper.client.end();
    }
    await this.#end(this.#retired().slice(0, -mostRetired));
  }

  /** Ends those that only keep bodies. */
  endRetired(): Promise<void> {
    return this.#end(this.#retired());
  }

  async dispose(): Promise<void> {
    await this.#end(this.living);
  }

  #retired(): NumberedHelper[] {
    return this.living.filter((helper) => helper !== this.active);
  }

  async #end(helpers: readonly NumberedHelper[]): Promise<void> {
    await Promise.all(helpers.map(({ client }) => client.end()));
  }

  #ended(helper: NumberedHelper): void {
    this.#living.delete(helper.number);
    if (helper === this.active) this.active = undefined;
    const reason = "The helper that kept this exchange has ended, and its bodies with it.";
    this.#surroundings.sources.end(helper.number, reason);
    this.#events.ended(helper.number);
  }
}

function sourceOf(client: HelperClient): ExchangeSource {
  return {
    exchange: (id) => client.request("tinytap/exchange", { id }),
    body: (params) => client.request("tinytap/body", params),
    search: (params, signal) => client.request("tinytap/search", params, signal),
    pin: (id, pinned) => client.request("tinytap/pin", { id, pinned }),
    hold: (held) => client.request("tinytap/hold", { held }),
  };
}
