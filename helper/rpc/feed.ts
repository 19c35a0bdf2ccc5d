/** What the client is told unasked: exchanges in batches, and the status when it changed. */
import type { CaptureStatus } from "../../protocol/capture.ts";
import type { Exchange } from "../../protocol/exchange.ts";
import type { Notifications } from "../../protocol/rpc.ts";
import type { Traffic } from "../http/traffic.ts";

type Send = <Name extends keyof Notifications>(name: Name, params: Notifications[Name]) => Promise<void>;

/** At most one batch in this time, in milliseconds; and the next only after the last was taken. */
const batchInterval = 50;
const statusInterval = 1000;

export class Feed {
  readonly #traffic: Traffic;
  readonly #finishedOnly: boolean;
  readonly #send: Send;
  readonly #deliver: (exchanges: Exchange[]) => Promise<void>;
  readonly #status: () => CaptureStatus;
  #sending: Promise<void> = Promise.resolve();
  #idle = true;
  #lastStatus = "";

  constructor(
    traffic: Traffic,
    finishedOnly: boolean,
    send: Send,
    deliver: (exchanges: Exchange[]) => Promise<void>,
    status: () => CaptureStatus,
  ) {
    this.#traffic = traffic;
    this.#finishedOnly = finishedOnly;
    this.#send = send;
    this.#deliver = deliver;
    this.#status = status;
    setInterval(() => this.#tick(), batchInterval);
    setInterval(() => void this.#sendStatus().catch(fail), statusInterval);
  }

  /** Resolves when everything that is known now was sent. */
  async flush(): Promise<void> {
    await this.#sending;
    this.#sending = this.#sendBatch();
    await this.#sending;
    await this.#sendStatus();
  }

  #tick(): void {
    if (!this.#idle) return;
    this.#idle = false;
    this.#sending = this.#sendBatch();
    this.#sending.finally(() => (this.#idle = true)).catch(fail);
  }

  async #sendBatch(): Promise<void> {
    const { changed, finished, dropped } = this.#traffic.takeChanges();
    if (this.#finishedOnly) {
      const exchanges = finished.flatMap((id) => this.#traffic.exchange(id) ?? []);
      if (exchanges.length > 0) await this.#deliver(exchanges);
      return;
    }
    const exchanges = changed.flatMap((id) => this.#traffic.summary(id) ?? []);
    if (exchanges.length > 0 || dropped.length > 0)
      await this.#send("tinytap/exchanges", { exchanges, dropped, kept: this.#traffic.kept });
  }

  /** Losses, targets and sources; the mere numbers of exchanges are no news. */
  async #sendStatus(): Promise<void> {
    const status = this.#status();
    const news = JSON.stringify([status.sources, status.targets, status.tally.lost]);
    if (news === this.#lastStatus) return;
    this.#lastStatus = news;
    await this.#send("tinytap/status", status);
  }
}

/** The pipe to the client broke; the end of stdin will follow. */
function fail(error: unknown): void {
  process.stderr.write(`The client can't be reached: ${String(error)}\n`);
}
