/** Connections that the extension itself has opened to a watched program: what passes there is none of the program's traffic. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";

/** Milliseconds after which nobody tells of a connection any more that was closed; the kernel keeps its port for longer. */
const aftermath = 30_000;

export class OwnConnections {
  readonly #addresses = new Set<string>();

  /** `address`: that of our end, as an exchange has it. */
  opened(address: string): void {
    this.#addresses.add(address);
  }

  closed(address: string): void {
    setTimeout(() => this.#addresses.delete(address), aftermath).unref();
  }

  has({ role, remote }: Pick<ExchangeSummary, "role" | "remote">): boolean {
    return role === "server" && this.#addresses.has(remote);
  }
}
