/** What the client is told unasked: exchanges in batches, and the status when it changed. */
import type { CaptureStatus } from "../../protocol/capture.ts";
import { maxRows, type ClientRequests, type Notifications } from "../../protocol/rpc.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** How the client is reached. */
export interface Client {
  /** Resolves when the message is on its way. */
  notify<Name extends keyof Notifications>(name: Name, params: Notifications[Name]): Promise<void>;
  /** Resolves when the client has answered. */
  ask<Name extends keyof ClientRequests>(
    name: Name,
    params: ClientRequests[Name][0],
  ): Promise<ClientRequests[Name][1]>;
}

/** At most one batch in this time, in milliseconds; and the next only after the last was taken. */
const batchInterval = 50;
const statusInterval = 1000;
/** Between two statuses that only tell other numbers of exchanges. */
const numbersInterval = 2900;
/** Finished exchanges of one batch, and batches that the client hasn't answered: one on its way while one is written. */
const finishedPerBatch = 256;
const batchesUnderWay = 2;

export class Feed {
  readonly #traffic: Traffic;
  readonly #handsOver: boolean;
  readonly #client: Client;
  readonly #status: () => CaptureStatus;
  readonly #underWay = new Set<Promise<void>>();
  #lastStatus = { news: "", numbers: "", time: 0 };

  /** `handsOver`: finished exchanges, once each; else summaries of every change. */
  constructor(traffic: Traffic, handsOver: boolean, client: Client, status: () => CaptureStatus) {
    this.#traffic = traffic;
    this.#handsOver = handsOver;
    this.#client = client;
    this.#status = status;
    setInterval(() => this.#send(), batchInterval);
    setInterval(() => void this.#sendStatus().catch(fail), statusInterval);
  }

  /** Resolves when everything that is known now was sent, and, if it was handed over, answered. */
  async flush(): Promise<void> {
    await this.#traffic.settled();
    for (this.#send(); this.#underWay.size > 0; this.#send()) await Promise.race(this.#underWay);
    await this.#sendStatus();
  }

  #send(): void {
    while (this.#underWay.size < (this.#handsOver ? batchesUnderWay : 1)) {
      const batch = this.#handsOver ? this.#handOver() : this.#sendChanges();
      if (batch === undefined) return;
      const taken = batch.catch(fail).finally(() => {
        this.#underWay.delete(taken);
        if (this.#handsOver) this.#send();
      });
      this.#underWay.add(taken);
      if (!this.#handsOver) return;
    }
  }

  /** undefined: there is nothing to hand over. */
  #handOver(): Promise<void> | undefined {
    const { exchanges, done } = this.#traffic.takeFinished(finishedPerBatch);
    if (exchanges.length === 0) return undefined;
    return this.#client.ask("tinytap/finished", { exchanges }).then(done);
  }

  #sendChanges(): Promise<void> | undefined {
    const { changed, dropped } = this.#traffic.takeChanges(maxRows);
    if (changed.length === 0 && dropped.length === 0) return undefined;
    const exchanges = changed.flatMap((id) => this.#traffic.summary(id) ?? []);
    return this.#client.notify("tinytap/exchanges", { exchanges, dropped, kept: this.#traffic.kept });
  }

  /** Losses, targets and sources are news; mere numbers can wait a little. */
  async #sendStatus(): Promise<void> {
    const status = this.#status();
    const news = JSON.stringify([status.sources, status.targets, status.tally.lost]);
    const numbers = JSON.stringify(status.tally);
    const calm = performance.now() - this.#lastStatus.time < numbersInterval;
    if (news === this.#lastStatus.news && (calm || numbers === this.#lastStatus.numbers)) return;
    this.#lastStatus = { news, numbers, time: performance.now() };
    await this.#client.notify("tinytap/status", status);
  }
}

/** The pipe to the client broke; the end of stdin will follow. */
function fail(error: unknown): void {
  process.stderr.write(`The client can't be reached: ${String(error)}\n`);
}
