import type { Role } from "../../protocol/exchange.ts";
import type { Carrier } from "../stream/protocol.ts";
import type { Origin } from "./captured-exchange.ts";

/** What is to be known of the processes and their time. */
export interface Surroundings {
  processName(pid: number): string;
  /** What makes Unix time of kernel time, at the moment: both in milliseconds. */
  wallClockOffset(): number;
}

/** Where a connection's exchanges come from: one object, as long as the same process moves its bytes. */
export class Origins {
  readonly #carrier: Carrier;
  readonly #context: Surroundings;
  #latest: Origin | undefined;

  constructor(carrier: Carrier, context: Surroundings) {
    this.#carrier = carrier;
    this.#context = context;
  }

  of(role: Role): Origin {
    const { pid, opened } = this.#carrier;
    if (this.#latest?.pid !== pid || this.#latest.role !== role) {
      const { local, remote, netns, isNumberedByTcp } = opened;
      const network = isNumberedByTcp && netns !== 0 ? netns : undefined;
      this.#latest = { pid, process: this.#context.processName(pid), role, local, remote, network };
    }
    return this.#latest;
  }
}
