/** The messages of a call by gRPC or its like, from both bodies of its exchange. */
import type { CallMessage, CallMessages } from "../../protocol/content.ts";
import type { Exchange, Request, Response, Side } from "../../protocol/exchange.ts";
import { dialectOf, methodOf } from "../grpc/dialect.ts";
import { codeName, statusOf, statusText } from "../grpc/status.ts";
import { noDescriptors, type Descriptors } from "../protobuf/descriptors.ts";
import { readFrames } from "./grpc-frames.ts";
import { MessageReader, shortText, type CallLimits } from "./grpc-message.ts";
import type { ReadSide } from "./websocket.ts";

/** What a person looks at. */
export const usualCallLimits: CallLimits = { messages: 1000, text: 32 * 1024, bytes: 256 };

/** What somebody says of the methods of a server. */
export interface Description {
  descriptors: Descriptors;
  /** Who, e.g. `shop.proto`. */
  by: string;
}

const senders: Record<Side, CallMessage["from"]> = { request: "client", response: "server" };

/** Rejects as `read` does. */
export async function readCall(
  exchange: Exchange,
  read: ReadSide,
  description: Description = { descriptors: noDescriptors(), by: "" },
  limits = usualCallLimits,
): Promise<CallMessages> {
  const call = new Call(exchange, read, description, limits);
  await call.readSide("request", exchange.request);
  await call.readSide("response", exchange.response);
  return call.result();
}

class Call {
  readonly #exchange: Exchange;
  readonly #read: ReadSide;
  readonly #description: Description;
  readonly #limits: CallLimits;
  readonly #messages: CallMessage[] = [];
  readonly #notes: string[] = [];
  #isProtobuf = false;

  constructor(exchange: Exchange, read: ReadSide, description: Description, limits: CallLimits) {
    this.#exchange = exchange;
    this.#read = read;
    this.#description = description;
    this.#limits = limits;
  }

  async readSide(side: Side, head: Request | Response | undefined): Promise<void> {
    if (head === undefined) return;
    const dialect = dialectOf(head.headers);
    if (dialect === undefined) return;
    const limits = this.#limits;
    this.#isProtobuf ||= dialect.format === "proto";
    const { descriptors } = this.#description;
    const name = this.#types?.[side];
    const type = name === undefined ? undefined : { name, descriptors };
    const reader = new MessageReader({ from: senders[side], dialect, type, descriptors, limits });
    const frames = await readFrames(head, dialect, (start, end) => this.#read(side, start, end));
    const more = frames.messages.length - limits.messages;
    const read: CallMessage[] = [];
    for (const framed of frames.messages.slice(Math.max(more, 0)).toReversed())
      read.push(await reader.read(framed, frames.timeAt(framed.end) ?? this.#timeOf(side)));
    this.#messages.push(...read.toReversed());
    const earlier = more > 0 ? [`${more.toLocaleString("en-US")} earlier messages`] : [];
    this.#notes.push(...[...frames.notes, ...earlier].map((note) => `${side}: ${note}`));
  }

  result(): CallMessages {
    const status = this.#status();
    const { by } = this.#description;
    const isDescribed = this.#types !== undefined;
    // What came at the same time stays in the order of its direction.
    const sorted = this.#messages.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0));
    return {
      messages: [...sorted, ...(status ? [status] : [])],
      notes: [...(this.#isProtobuf && isDescribed ? [`read by ${by}`] : []), ...this.#notes],
      isUndescribed: this.#isProtobuf && !isDescribed,
    };
  }

  get #types() {
    const method = methodOf(this.#exchange.request?.target ?? "");
    return method === undefined ? undefined : this.#description.descriptors.methods.get(method);
  }

  /** Where all of a side came at once. */
  #timeOf(side: Side): number | undefined {
    return side === "request" ? this.#exchange.requestEnd : this.#exchange.responseStart;
  }

  /** That of the headers or trailers; gRPC-Web's is a message. */
  #status(): CallMessage | undefined {
    const { response, duration } = this.#exchange;
    const status = response && statusOf(response);
    if (status === undefined) return undefined;
    return {
      ...{ from: "server", kind: "status", name: codeName(status.code), size: 0, isWhole: true },
      ...shortText(statusText(status, this.#description.descriptors), this.#limits),
      ...(duration !== undefined && { time: duration }),
    };
  }
}
