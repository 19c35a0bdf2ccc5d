import type { Protocol } from "../stream/protocol.ts";

/** What two parties have agreed on, and nobody here can read. */
export class Opaque implements Protocol {
  readonly asking = "out";
  readonly isOther = false;

  isWaiting(): boolean {
    return false;
  }

  data(...[, , length]: Parameters<Protocol["data"]>): number {
    return length;
  }

  gap(): void {}
  settle(): void {}
  expire(): void {}
  end(): void {}
  close(): void {}
}
