/** One message of a call: its compression off, its content read. */
import { stopText, type CallMessage, type Stop } from "../../protocol/content.ts";
import { readContent, type MessageType } from "../grpc/content.ts";
import type { Dialect } from "../grpc/dialect.ts";
import type { GrpcMessage } from "../grpc/messages.ts";
import { codeName, statusIn, statusText, trailerLines } from "../grpc/status.ts";
import { prettyJson } from "../json.ts";
import type { Descriptors } from "../protobuf/descriptors.ts";
import { decode, usualLimits } from "./decode.ts";

/** What is given. */
export interface CallLimits {
  /** The latest of each side. */
  messages: number;
  /** Characters of each text. */
  text: number;
  /** Bytes of what is none. */
  bytes: number;
}

export interface MessageSurroundings {
  from: CallMessage["from"];
  dialect: Dialect;
  /** Of the messages, where it is known. */
  type: MessageType | undefined;
  descriptors: Descriptors;
  limits: CallLimits;
}

/** Milliseconds that the reading of a side's messages may take: it holds up whoever else runs in the same thread. */
const patience = 1000;

/** The newest is to be read first: what has no room or no time left are the others. */
export class MessageReader {
  readonly #surroundings: MessageSurroundings;
  /** What compressed messages may still cost: of all of a side not more than of one body. */
  readonly #deadline = performance.now() + usualLimits.milliseconds;
  #room = usualLimits.bytes;
  #left = patience;

  constructor(surroundings: MessageSurroundings) {
    this.#surroundings = surroundings;
  }

  async read(framed: GrpcMessage, time: number | undefined): Promise<CallMessage> {
    const { from, limits } = this.#surroundings;
    const message: CallMessage = {
      ...{ from, kind: framed.isEnd ? "status" : "message", size: framed.length, isWhole: framed.isWhole },
      ...(time !== undefined && { time }),
    };
    if (!framed.isWhole) return { ...message, ...shortBytes(framed.bytes, limits) };
    if (!framed.isCompressed) return this.#content(message, framed.bytes);
    const { coding } = this.#surroundings.dialect;
    if (coding === "")
      return {
        ...message,
        ...shortBytes(framed.bytes, limits),
        fault: "compressed, and no header says by what",
      };
    const left = { bytes: this.#room, milliseconds: this.#deadline - performance.now() };
    const { bytes, stop } = await decode([coding], () => once(framed.bytes), left);
    this.#room -= bytes.length;
    if (stop !== undefined)
      return {
        ...message,
        ...shortBytes(framed.bytes, limits),
        fault: `compressed: ${stopText(ofAll(stop))}`,
      };
    return this.#content({ ...message, unpacked: { size: bytes.length, coding } }, bytes);
  }

  #content(message: CallMessage, bytes: Uint8Array): CallMessage {
    const { dialect, type, limits } = this.#surroundings;
    if (message.kind === "status") return { ...message, ...this.#end(bytes) };
    const began = performance.now();
    if (this.#left < 0)
      return {
        ...message,
        ...shortBytes(bytes, limits),
        fault: `not read: later messages took more than ${patience / 1000} s`,
      };
    const { text, ...rest } = readContent(bytes, dialect.format, type);
    this.#left -= performance.now() - began;
    return {
      ...message,
      ...rest,
      ...(text === undefined ? shortBytes(bytes, limits) : shortText(text, limits)),
    };
  }

  #end(bytes: Uint8Array): Partial<CallMessage> {
    const { dialect, descriptors, limits } = this.#surroundings;
    if (dialect.name === "Connect") return connectEnd(bytes, limits);
    const lines = trailerLines(bytes);
    const status = statusIn(lines);
    const said = status === undefined ? "" : statusText(status, descriptors);
    const others = lines.filter(([name]) => !/^grpc-(?:status|message|status-details-bin)$/i.test(name));
    const text = [said, ...others.map(([name, value]) => `${name}: ${value}`)].filter((each) => each !== "");
    return {
      ...(status === undefined ? { fault: "no status is in it" } : { name: codeName(status.code) }),
      ...shortText(text.join("\n"), limits),
    };
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The limit that was reached is that of all messages, and not what the last was left of it. */
function ofAll(stop: Stop): Stop {
  if (stop.kind === "limit") return { ...stop, bytes: usualLimits.bytes };
  return stop.kind === "time" ? { ...stop, milliseconds: usualLimits.milliseconds } : stop;
}

/** JSON, with an error if there was one. */
function connectEnd(bytes: Uint8Array, limits: CallLimits): Partial<CallMessage> {
  const text = new TextDecoder().decode(bytes);
  const pretty = prettyJson(text);
  const code = pretty === undefined ? undefined : codeOf(JSON.parse(text));
  return {
    ...(pretty === undefined ? { fault: "no JSON" } : { name: code ?? "ok" }),
    ...shortText(pretty ?? text, limits),
  };
}

function codeOf(end: unknown): string | undefined {
  const error = (end as { error?: { code?: unknown } } | null)?.error;
  if (error === undefined) return undefined;
  return typeof error?.code === "string" ? error.code : "unknown";
}

export function shortText(text: string, limits: CallLimits): Pick<CallMessage, "text" | "cut"> {
  const cut = text.length - limits.text;
  return { text: text.slice(0, limits.text), ...(cut > 0 && { cut }) };
}

function shortBytes(bytes: Uint8Array, limits: CallLimits): Pick<CallMessage, "bytes" | "cut"> {
  const cut = bytes.length - limits.bytes;
  // In a buffer of its own: a part would take the whole along.
  return { bytes: new Uint8Array(bytes.subarray(0, limits.bytes)), ...(cut > 0 && { cut }) };
}
