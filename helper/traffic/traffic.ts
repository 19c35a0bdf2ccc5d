import type { Exchange, ExchangeSummary, Side } from "../../protocol/exchange.ts";
import type { ConnectionOpened, TrafficEvent, TrafficSink } from "../stream/segment.ts";
import type { ReadableExchange } from "../exchanges/captured-exchange.ts";
import type { BodyPart } from "../exchanges/stretch.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { Exclusions } from "../exchanges/exclusions.ts";
import { Store, type Changes, type StoreOptions } from "../exchanges/store.ts";

export interface TrafficOptions extends StoreOptions, ConnectionContext {
  /** Only connections with one of these local or remote ports; empty: all. */
  ports: readonly number[];
}

/** Finished exchanges handed over; `done` says that nobody needs their bodies any more. */
export interface Finished {
  exchanges: Exchange[];
  done(): void;
}

/** HTTP exchanges from traffic events. Does no I/O and reads no clock. */
export class Traffic implements TrafficSink {
  /** Payload bytes pushed. */
  bytes = 0;
  /** Connections whose bytes are not HTTP, by what they speak. */
  otherConnections: Record<string, number> = {};
  /** Connections with bytes that were received by splice and could not be read. */
  splicedConnections = 0;
  readonly #options: TrafficOptions;
  readonly #store: Store;
  readonly #connections = new Map<number, Connection>();
  /** The connection of each pair of addresses. */
  readonly #byAddresses = new Map<string, ConnectionOpened>();

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

  /** Requests of which nobody knows which response is theirs. */
  get unpaired(): number {
    return this.#store.unpaired;
  }

  /** Exchanges that were dropped before anybody took them. */
  get unseen(): number {
    return this.#store.unseen;
  }

  /** Exchanges that had to give up bodies before anybody took them. */
  get evictedUnseen(): number {
    return this.#store.evictedUnseen;
  }

  /** Bytes of the memory that are taken, copies included; and those of them that are pinned. */
  get memory(): { used: number; pinned: number } {
    const { slabs, copies, room } = this.#store;
    const used = (slabs.count - slabs.free) * (slabs.bytes.length / slabs.count) + copies.held;
    return { used, pinned: room.pinned };
  }

  /** Bytes kept or hashed of each body that begins from now on. */
  set maxBody(bytes: number) {
    this.#store.maxBody = bytes;
  }

  /** Requests that are left out from now on: see Exclusions. */
  set exclude(patterns: readonly string[]) {
    this.#store.exclusions = new Exclusions(patterns);
  }

  /** Exchanges left out so far. */
  get excluded(): number {
    return this.#store.excluded;
  }

  push(event: TrafficEvent): void {
    if (event.kind === "opened") {
      this.#open(event);
      return;
    }
    const connection = this.#connections.get(event.connection);
    if (connection === undefined) return;
    if (event.kind === "segment") {
      this.bytes += event.length;
      if (event.call?.reason === "spliced" && !connection.countedAsSpliced) {
        connection.countedAsSpliced = true;
        this.splicedConnections++;
      }
      connection.push(event);
    } else if (event.kind === "ended")
      connection.endDirection(event.direction, event.time, event.numbers[event.direction]);
    else {
      connection.close(event.time, event.numbers, event.reset);
      this.#forget(connection.opened);
    }
    this.#countOther(connection);
  }

  endBatch(): void {
    this.#store.makeRoom();
  }

  /** Holes that have waited too long for the call that would fill them become gaps. `now` in kernel milliseconds. */
  expire(now: number): void {
    for (const connection of this.#connections.values()) connection.expire(now);
  }

  /** No more events will come: what is open ends here. `now` in kernel milliseconds. */
  end(now: number): void {
    for (const connection of this.#connections.values()) connection.abandon(now, true);
    this.#connections.clear();
    this.#byAddresses.clear();
  }

  /**
   * A run ends: what is open ends here, as in `end`. The connections themselves may go on in the next run, and the kernel
   * has told of them once and for all: each begins anew, as if it were attached to in its middle.
   */
  endRun(now: number): void {
    for (const [id, connection] of this.#connections) {
      connection.abandon(now, true);
      this.#connections.set(id, new Connection(connection.opened, this.#store, this.#options));
      for (const direction of ["in", "out"] as const) this.#options.mute(id, direction, "none");
    }
    this.otherConnections = {};
    this.splicedConnections = 0;
  }

  /** Resolves when everything that has ended is finished: a digest may still be computed. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#store.whenSettled(resolve));
  }

  /** What changed since the last time: see Store. */
  takeChanges(most: number): Changes {
    return this.#store.takeChanges(most);
  }

  takeFinished(most: number): Finished {
    const exchanges = this.#store.takeFinished(most);
    return {
      exchanges: exchanges.map((exchange) => exchange.toExchange()),
      done: () => {
        for (const exchange of exchanges) this.#store.done(exchange);
      },
    };
  }

  summary(id: number): ExchangeSummary | undefined {
    return this.#store.get(id)?.toSummary();
  }

  exchange(id: number): Exchange | undefined {
    return this.#store.get(id)?.toExchange();
  }

  /** Of all exchanges that are kept, in the order in which they came. */
  get ids(): Iterable<number> {
    return this.#store.ids;
  }

  readable(id: number): ReadableExchange | undefined {
    return this.#store.get(id)?.toReadable();
  }

  /** What is known of the bytes `[start, end)` of a body, in order, cut at its size. */
  body(id: number, side: Side, start: number, end: number): BodyPart[] {
    return this.#store.get(id)?.[side]?.body.read(start, end) ?? [];
  }

  /** Keeps an exchange's bodies from being given up, or not any more. Gives whether it is pinned. */
  pin(id: number, pinned: boolean): boolean {
    const exchange = this.#store.get(id);
    if (exchange === undefined) return false;
    if (pinned) return this.#store.room.pin(exchange);
    this.#store.room.unpin(exchange);
    return exchange.pins > 0;
  }

  /** Drops none for its age while it is held, up to twice the number that is kept otherwise. */
  hold(held: boolean): void {
    this.#store.hold(held);
  }

  /** Forgets the finished exchanges. */
  clear(): void {
    this.#store.clear();
  }

  #countOther(connection: Connection): void {
    const { other, countedAsOther: before } = connection;
    if (other === before) return;
    connection.countedAsOther = other;
    if (other !== undefined) this.otherConnections[other] = (this.otherConnections[other] ?? 0) + 1;
    if (before !== undefined && --this.otherConnections[before]! === 0) delete this.otherConnections[before];
  }

  #open(event: ConnectionOpened): void {
    const { ports } = this.#options;
    const watched =
      ports.length === 0 || ports.includes(port(event.local)) || ports.includes(port(event.remote));
    if (!watched) {
      for (const direction of ["in", "out"] as const) this.#options.mute(event.connection, direction, "all");
      return;
    }
    this.#abandon(event.connection, event.time);
    if (event.netns !== 0) {
      // Two connections can't have the same addresses at once: of the former the end was lost.
      const addresses = addressesOf(event);
      const former = this.#byAddresses.get(addresses);
      if (former !== undefined) this.#abandon(former.connection, event.time);
      this.#byAddresses.set(addresses, event);
    }
    this.#connections.set(event.connection, new Connection(event, this.#store, this.#options));
  }

  #abandon(id: number, time: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.abandon(time, false);
    this.#forget(connection.opened);
    // Told of again, it has no less to say than a new one.
    for (const direction of ["in", "out"] as const) this.#options.mute(id, direction, "none");
  }

  #forget(opened: ConnectionOpened): void {
    this.#connections.delete(opened.connection);
    const addresses = addressesOf(opened);
    if (this.#byAddresses.get(addresses) === opened) this.#byAddresses.delete(addresses);
  }
}

function addressesOf({ netns, local, remote }: ConnectionOpened): string {
  return `${netns} ${local} ${remote}`;
}

function port(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
