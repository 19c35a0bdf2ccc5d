import type { Exchange, ExchangeSummary, Side } from "../../protocol/exchange.ts";
import type { ConnectionOpened, TrafficEvent, TrafficSink } from "../stream/segment.ts";
import { Connection, type Surroundings } from "./connection.ts";
import { Store, type Changes, type StoreLimits } from "./store.ts";

export interface TrafficOptions extends StoreLimits, Surroundings {
  /** Milliseconds to add to the kernel's monotonic clock to get Unix time. */
  wallClockOffset: number;
  /** Only connections with one of these local or remote ports; empty: all. */
  ports: readonly number[];
}

/** HTTP exchanges from traffic events. Does no I/O and reads no clock. */
export class Traffic implements TrafficSink {
  /** Payload bytes pushed. */
  bytes = 0;
  /** Connections whose bytes are not HTTP/1.x. */
  otherConnections = 0;
  readonly #options: TrafficOptions;
  readonly #store: Store;
  readonly #connections = new Map<number, Connection>();
  /** Those that keep a part of the batch at hand. */
  readonly #borrowers = new Set<Connection>();

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#store = new Store(options);
  }

  /** Exchanges finished so far. */
  get exchanges(): number {
    return this.#store.finishedCount;
  }

  get inFlight(): number {
    return this.#store.inFlight;
  }

  /** Exchanges kept, finished or not. */
  get kept(): number {
    return this.#store.kept;
  }

  /** Exchanges that were dropped before their end was taken. */
  get unseen(): number {
    return this.#store.unseen;
  }

  push(event: TrafficEvent): void {
    if (event.kind === "opened") {
      this.#open(event);
      return;
    }
    if (event.kind === "segment") this.bytes += event.bytes.length;
    const connection = this.#connections.get(event.connection);
    if (connection === undefined) return;
    if (event.kind === "segment") {
      if (connection.push(event)) this.#borrowers.add(connection);
    } else if (event.kind === "ended") connection.endDirection(event.direction, event.time);
    else {
      connection.close(event.time);
      this.#connections.delete(event.connection);
    }
    if (connection.isOther !== connection.countedAsOther) {
      connection.countedAsOther = connection.isOther;
      this.otherConnections += connection.isOther ? 1 : -1;
    }
  }

  endBatch(): void {
    for (const connection of this.#borrowers) connection.endBatch();
    this.#borrowers.clear();
  }

  /** Holes that have waited too long for the call that would fill them become gaps. `now` in kernel milliseconds. */
  expire(now: number): void {
    for (const connection of this.#connections.values()) connection.expire(now);
  }

  /** No more events will come: what is open ends here. `now` in kernel milliseconds. */
  end(now: number): void {
    for (const connection of this.#connections.values()) connection.close(now, true);
    this.#connections.clear();
  }

  /** What changed since the last time. */
  takeChanges(): Changes {
    return this.#store.takeChanges();
  }

  summary(id: number): ExchangeSummary | undefined {
    return this.#store.get(id)?.toSummary(this.#options.wallClockOffset);
  }

  exchange(id: number): Exchange | undefined {
    return this.#store.get(id)?.toExchange(this.#options.wallClockOffset);
  }

  /** Bytes `[start, end)` of a body, cut at its size; missing ones are zero. */
  body(id: number, side: Side, start: number, end: number): Uint8Array {
    const body = this.#store.get(id)?.[side]?.body;
    return body === undefined ? new Uint8Array(0) : body.read(start, end);
  }

  /** Forgets the finished exchanges. */
  clear(): void {
    this.#store.clear();
  }

  #open(event: ConnectionOpened): void {
    const { ports } = this.#options;
    const watched =
      ports.length === 0 || ports.includes(port(event.local)) || ports.includes(port(event.remote));
    if (!watched) return;
    this.#connections.get(event.connection)?.close(event.time);
    this.#connections.set(event.connection, new Connection(event, this.#store, this.#options));
  }
}

function port(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
