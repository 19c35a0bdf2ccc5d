/** The messages of a WebSocket, from both bodies of its exchange. */
import zlib from "node:zlib";
import type { SocketMessage, SocketMessages } from "../../protocol/content.ts";
import type { Body, Exchange, Side } from "../../protocol/exchange.ts";
import type { BodyResult } from "../../protocol/rpc.ts";
import { arrivedAt } from "../arrivals.ts";
import { listOf } from "../headers.ts";
import { findFrame, readFramed, type FramedMessage } from "../websocket.ts";

export type ReadSide = (side: Side, start: number, end: number) => Promise<BodyResult>;

/** Of each direction the last bytes are read: as many. */
const mostBytes = 8 * 1024 * 1024;
/** What is given. */
export interface SocketLimits {
  /** The latest. */
  messages: number;
  /** Characters of each text. */
  text: number;
  /** Bytes of each other. */
  bytes: number;
}

/** What a person looks at. */
export const usualSocketLimits: SocketLimits = { messages: 1000, text: 32 * 1024, bytes: 256 };

/** Of a message's content, when its compression is off. */
const mostContent = 16 * 1024 * 1024;
const window = 32 * 1024;
const deflate = "permessage-deflate";

const clients: Record<Side, SocketMessage["from"]> = { request: "client", response: "server" };

/** Rejects as `read` does. */
export async function readSocket(
  exchange: Exchange,
  read: ReadSide,
  limits = usualSocketLimits,
): Promise<SocketMessages> {
  const extensions = listOf(exchange.response?.headers ?? [], "sec-websocket-extensions");
  const notes: string[] = [];
  const all: SocketMessage[] = [];
  for (const side of ["request", "response"] as const) {
    const body = exchange[side]?.body;
    if (body === undefined) continue;
    const stretch = await lastStretch(body, (start, end) => read(side, start, end));
    const { messages, note } = messagesOf(side, body, stretch, extensions, limits);
    all.push(...messages);
    if (note !== undefined) notes.push(note);
  }
  // What came at the same time stays in the order of its direction.
  const sorted = all.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0));
  const more = sorted.length - limits.messages;
  if (more > 0) notes.push(`${more.toLocaleString("en-US")} earlier messages`);
  return { messages: sorted.slice(Math.max(more, 0)), notes };
}

interface Stretch {
  bytes: Uint8Array;
  start: number;
}

/** The body's last bytes, from behind the last of them that are missing. */
async function lastStretch(
  body: Body,
  read: (start: number, end: number) => Promise<BodyResult>,
): Promise<Stretch> {
  const known = body.missing.findLast(({ end }) => end < body.size)?.end ?? 0;
  const until = body.missing.find(({ end }) => end === body.size)?.start ?? body.size;
  let start = Math.max(known, until - mostBytes);
  let parts: Buffer[] = [];
  for (let at = start; at < until;) {
    const part = await read(at, until);
    if (part.end <= at) break;
    const bytes = Buffer.from(part.base64, "base64");
    const gap = part.missing.at(-1);
    if (gap === undefined) parts.push(bytes);
    else {
      // Given up since the body was told.
      parts = [bytes.subarray(gap.end - at)];
      start = gap.end;
    }
    at = part.end;
  }
  return { bytes: Buffer.concat(parts), start };
}

function messagesOf(
  side: Side,
  body: Body,
  { bytes, start }: Stretch,
  extensions: string[],
  limits: SocketLimits,
): { messages: SocketMessage[]; note?: string } {
  const from = clients[side];
  const mayBeCompressed = extensions.some((each) => each.startsWith(deflate));
  const framing = { isMasked: from === "client", mayBeCompressed };
  const first = start === 0 ? 0 : findFrame(bytes, framing);
  if (first < 0) return { messages: [], note: `no message was found in what is kept of the ${from}'s bytes` };
  const { messages, brokenAt } = readFramed(bytes.subarray(first), framing, start + first);
  const inflater = new Inflater(from, extensions, start === 0);
  const read = messages.map((message) => socketMessage(from, message, body, inflater, limits));
  if (brokenAt !== undefined)
    return { messages: read, note: `from byte ${brokenAt} on the ${from}'s bytes are no frames` };
  return start === 0
    ? { messages: read }
    : { messages: read, note: `of the ${from}'s bytes those from ${start + first} on were read` };
}

function socketMessage(
  from: SocketMessage["from"],
  framed: FramedMessage,
  body: Body,
  inflater: Inflater,
  limits: SocketLimits,
): SocketMessage {
  const { kind, payload, end, isWhole } = framed;
  const time = arrivedAt(body.arrivals, end);
  const message: SocketMessage = {
    ...{ from, kind, size: payload.length, isWhole },
    ...(time !== undefined && { time }),
  };
  const content = inflater.contentOf(framed);
  if (typeof content === "string") return { ...message, fault: content };
  if (kind === "close") {
    if (content.length < 2) return message;
    const code = (content[0]! << 8) | content[1]!;
    return { ...message, code, text: new TextDecoder().decode(content.subarray(2)) };
  }
  if (kind === "text") {
    const text = new TextDecoder().decode(content);
    const cut = text.length - limits.text;
    return { ...message, text: text.slice(0, limits.text), ...(cut > 0 && { cut }) };
  }
  const cut = content.length - limits.bytes;
  // In a buffer of its own: a part would take the whole along.
  return { ...message, bytes: new Uint8Array(content.subarray(0, limits.bytes)), ...(cut > 0 && { cut }) };
}

/** Takes the compression of RFC 7692 off one direction's messages, in their order. */
class Inflater {
  readonly #takesOver: boolean;
  /** What the next message may refer to; undefined: it is lost. */
  #before: Uint8Array | undefined;

  constructor(from: SocketMessage["from"], extensions: string[], isFromStart: boolean) {
    const isReset = extensions.some(
      (each) => each.startsWith(deflate) && each.includes(`${from}_no_context_takeover`),
    );
    this.#takesOver = !isReset;
    this.#before = isFromStart || isReset ? new Uint8Array(0) : undefined;
  }

  /** Or why there is none. */
  contentOf({ payload, isCompressed, isWhole }: FramedMessage): Uint8Array | string {
    if (!isCompressed) return payload;
    const dictionary = this.#before;
    if (dictionary === undefined) return "compressed, and refers to earlier messages that are no longer kept";
    try {
      const content = zlib.inflateRawSync(
        // Its flush's last bytes are left out on the wire.
        isWhole ? Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]) : payload,
        {
          finishFlush: zlib.constants.Z_SYNC_FLUSH,
          maxOutputLength: mostContent,
          dictionary: Buffer.from(dictionary),
        },
      );
      if (this.#takesOver) this.#before = Buffer.concat([dictionary, content]).subarray(-window);
      return content;
    } catch (error) {
      if (this.#takesOver) this.#before = undefined;
      return `compressed, and can't be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
