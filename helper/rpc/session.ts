/** A client's session, from `initialize` to its end: runs of the capture, their traffic, what is pushed of it, and its status. */
import { join } from "node:path";
import type { CaptureStatus, Target, TargetResult } from "../../protocol/capture.ts";
import { maxExchanges, type Requests, type RunOptions } from "../../protocol/rpc.ts";
import type { Capture } from "../capture/capture.ts";
import { WallClock } from "../capture/clock.ts";
import { Digests } from "../digest/digests.ts";
import type { Slabs } from "../memory/slabs.ts";
import { Searches } from "../search/searches.ts";
import { Traffic } from "../traffic/traffic.ts";
import { Feed, type Client } from "./feed.ts";
import type { LastingOptions } from "./options.ts";
import { Untraced } from "./untraced.ts";

/** How often holes in the streams are looked at, in milliseconds. */
const expireInterval = 100;
/** Finished exchanges that wait for a client that is slow to take them; beyond, the oldest are dropped, and counted. */
const maxUntaken = 100_000;

/** What is asked of a capture; in the helper, `Capture`. */
export interface CaptureSource extends Pick<
  Capture,
  "chooseSendfile" | "start" | "watch" | "unwatch" | "mute" | "drain" | "detach" | "now" | "sources" | "lost"
> {
  readonly targets: Pick<Capture["targets"], "pids" | "name">;
}

export interface SessionParts {
  options: LastingOptions;
  /** Of the first run. */
  maxBody: number;
  capture: CaptureSource;
  /** For what is captured. */
  slabs: Slabs;
  /** Where the helper's other files lie. */
  directory: string;
  client: Client;
  /** Milliseconds that the helper took to start. */
  startup: number;
}

export class Session {
  readonly options: LastingOptions;
  readonly traffic: Traffic;
  readonly searches: Searches;
  readonly #feed: Feed;
  readonly #capture: CaptureSource;
  /** Bytes for what is captured. */
  readonly #memory: number;
  readonly #startup: number;
  readonly #untraced = new Untraced((line) => process.stderr.write(`${line}\n`));

  constructor({ options, maxBody, capture, slabs, directory, client, startup }: SessionParts) {
    const clock = new WallClock();
    const digests =
      options.bodies === "hashed" ? new Digests(join(directory, "digests.cjs"), slabs) : undefined;
    const handsOver = options.feed === "finished";
    this.options = options;
    this.#capture = capture;
    this.#memory = slabs.bytes.length;
    this.#startup = startup;
    this.traffic = new Traffic({
      ...options,
      ...{ maxBody, slabs, handsOver },
      maxExchanges: handsOver ? maxUntaken : maxExchanges,
      createHasher: () => digests!.createHasher(),
      wallClockOffset: () => clock.offset,
      processName: (pid) => capture.targets.name(pid),
      untraced: (pid) => this.#untraced.add(pid, capture.targets.name(pid)),
      mute: (...what) => capture.mute(...what),
    });
    this.#feed = new Feed(this.traffic, handsOver, client, () => this.status);
    this.searches = new Searches(join(directory, "search.cjs"), slabs, this.traffic);
    setInterval(() => this.traffic.expire(capture.now), expireInterval);
  }

  get status(): CaptureStatus {
    const { traffic } = this;
    const { exchanges, inFlight, excluded, bytes, splicedConnections, memory } = traffic;
    return {
      sources: this.#capture.sources,
      targets: this.#capture.targets.pids,
      tally: {
        ...{ exchanges, inFlight, excluded, bytes },
        otherConnections: { ...traffic.otherConnections },
        splicedConnections,
        memory: { size: this.#memory, used: memory.used, pinned: memory.pinned },
        lost: {
          ...this.#capture.lost,
          ...(traffic.evictedUnseen > 0 && { evicted: traffic.evictedUnseen }),
          ...(traffic.unpaired > 0 && { unpaired: traffic.unpaired }),
          ...(traffic.unseen > 0 && { "exchange-dropped": traffic.unseen }),
          ...(this.#untraced.gaps > 0 && { untraced: this.#untraced.gaps }),
        },
      },
      cost: costSoFar(),
      startup: this.#startup,
    };
  }

  beginRun({ sendfile, maxBody, exclude, targets }: Required<RunOptions>): Requests["tinytap/begin"][1] {
    this.traffic.maxBody = maxBody;
    this.traffic.exclude = exclude;
    this.#capture.chooseSendfile(sendfile);
    const results = this.watch(targets);
    return { status: this.status, targets: results };
  }

  async endRun(): Promise<CaptureStatus> {
    await this.unwatch(this.#capture.targets.pids);
    this.traffic.endRun(this.#capture.now);
    return this.drain();
  }

  watch(targets: readonly Target[]): TargetResult[] {
    return targets.map((target) => this.#capture.watch(target));
  }

  async unwatch(pids: readonly number[]): Promise<void> {
    await this.#capture.unwatch(pids);
  }

  /** Resolves when the client was sent all that is known now. */
  async drain(): Promise<CaptureStatus> {
    await this.#capture.drain();
    this.traffic.expire(this.#capture.now);
    await this.#feed.flush();
    return this.status;
  }

  async detach(): Promise<CaptureStatus> {
    await this.#capture.detach();
    this.traffic.end(this.#capture.now);
    return this.drain();
  }
}

function costSoFar(): CaptureStatus["cost"] {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000, memory: process.memoryUsage.rss() };
}
