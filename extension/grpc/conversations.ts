/** What the two sides of an exchange have said, in messages: of a WebSocket, or of a call by gRPC. */
import { isGrpc } from "../../content/grpc/dialect.ts";
import { readCall } from "../../content/node/grpc.ts";
import { readSocket, type ReadSide } from "../../content/node/websocket.ts";
import { isWebSocket } from "../../content/websocket.ts";
import type { Exchange } from "../../protocol/exchange.ts";
import type { Conversation } from "../../protocol/webview.ts";
import type { OwnConnections } from "../model/own-connections.ts";
import type { Recordings } from "../model/recordings.ts";
import type { ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";
import { isAskable, serverOf, type Descriptions } from "./descriptions.ts";

export interface ConversationSurroundings {
  sources: Sources;
  recordings: Recordings;
  descriptions: Descriptions;
  /** Those that asking a server opens. */
  ownConnections: OwnConnections;
}

export class Conversations {
  readonly #surroundings: ConversationSurroundings;

  constructor(surroundings: ConversationSurroundings) {
    this.#surroundings = surroundings;
  }

  /** They may be read otherwise than they were. */
  onChange(listener: () => void): { dispose(): void } {
    return this.#surroundings.descriptions.onChange(listener);
  }

  async read(key: ExchangeKey): Promise<Conversation> {
    const exchange = await this.#exchange(key);
    const read: ReadSide = (side, start, end) => this.#surroundings.sources.body(key, { side, start, end });
    if (isWebSocket(exchange)) return { kind: "socket", ...(await readSocket(exchange, read)) };
    const { description, problems } = await this.#surroundings.descriptions.of(exchange);
    const call = await readCall(exchange, read, description);
    return {
      ...{ kind: "call", ...call, notes: [...call.notes, ...problems] },
      ...(this.#whyNotAskable(key, exchange) === undefined && { askable: serverOf(exchange) }),
    };
  }

  /** Asks the server for its descriptors, as the user wished. Rejects with a sentence for a person. */
  async ask(key: ExchangeKey, signal?: AbortSignal): Promise<void> {
    const exchange = await this.#exchange(key);
    const why = this.#whyNotAskable(key, exchange);
    if (why !== undefined) throw new Error(why);
    const { descriptions, ownConnections } = this.#surroundings;
    let opened: string | undefined;
    const onConnect = (address: string) => ownConnections.opened((opened = address));
    try {
      await descriptions.ask(exchange, { onConnect, ...(signal && { signal }) });
    } finally {
      if (opened !== undefined) ownConnections.closed(opened);
    }
  }

  #whyNotAskable(key: ExchangeKey, exchange: Exchange): string | undefined {
    if (!isGrpc(exchange)) return "This exchange is no call by gRPC.";
    if (this.#surroundings.recordings.get(key) !== undefined)
      return "This call was recorded: at its address there may be another server now.";
    return isAskable(exchange) ? undefined : "This server can't be asked: that needs TCP without TLS.";
  }

  async #exchange(key: ExchangeKey): Promise<Exchange> {
    const exchange = await this.#surroundings.sources.exchange(key);
    if (exchange === null) throw new Error("This exchange is no longer kept.");
    return exchange;
  }
}
