/** The texts of one exchange that are searched: heads as they stand, bodies as they read when their codings are off. */
import { charsetOfBody, decodeText } from "../content/charset.ts";
import { dialectOf, isGrpc } from "../content/grpc/dialect.ts";
import { codingsOf, mediaTypeOf } from "../content/headers.ts";
import { kindOf, type Kind } from "../content/kind.ts";
import { decodeBody } from "../content/node/decode-body.ts";
import type { Limits } from "../content/node/decode.ts";
import { readCall } from "../content/node/grpc.ts";
import { readSocket, type ReadSide } from "../content/node/websocket.ts";
import { isWebSocket } from "../content/websocket.ts";
import type { Body, Exchange, Header, Side } from "../protocol/exchange.ts";
import {
  mostOfMessage,
  mostSearched,
  nothingUnsearched,
  type Hit,
  type SearchParams,
  type Unsearched,
} from "../protocol/search.ts";

/** An exchange, and whoever keeps its bodies. */
export interface Searchable {
  exchange: Exchange;
  /** As `tinytap/body` answers. */
  read: ReadSide;
}

export interface Text {
  place: Pick<Hit, "id" | "side" | "part" | "message" | "start">;
  text: string;
}

export interface Texts {
  id: number;
  texts: Text[];
  /** Of its bodies. */
  unsearched: Unsearched;
}

const limits: Limits = { bytes: mostSearched, milliseconds: 1000 };
/** What messages may become when their compression is off: together they have no other bound. */
const messageLimits = { messages: 10_000, text: mostOfMessage, bytes: mostOfMessage };
/** Bytes by which it is told what a body is. */
const sampleSize = 64 * 1024;
/** What is no text in any charset: the texts in it are mostly UTF-8. */
const binary: Kind[] = ["bytes", "msgpack", "cbor", "image", "multipart"];

const sides = ["request", "response"] as const;

/** Rejects as `read` does. */
export async function textsOf(
  { exchange, read }: Searchable,
  within: SearchParams["within"],
): Promise<Texts> {
  const { id } = exchange;
  const unsearched = { ...nothingUnsearched };
  const texts = within === "bodies" ? [] : headTexts(exchange);
  if (within === "heads") return { id, texts, unsearched };
  const isSocket = isWebSocket(exchange);
  if (isSocket || isGrpc(exchange)) texts.push(...(await messageTexts(exchange, read, unsearched)));
  for (const side of sides)
    if (!isSocket && dialectOf(exchange[side]?.headers ?? []) === undefined)
      texts.push(...(await bodyTexts(exchange, side, read, unsearched)));
  return { id, texts, unsearched };
}

function headTexts({ id, request, interim = [], response }: Exchange): Text[] {
  const texts: Text[] = [];
  const add = (side: Side, part: Hit["part"], text: string) =>
    texts.push({ place: { id, side, part }, text });
  const addAll = (side: Side, part: Hit["part"], headers: readonly Header[] = []) => {
    for (const [name, value] of headers) add(side, part, `${name}: ${value}`);
  };
  if (request !== undefined) {
    add("request", "line", `${request.method} ${request.target} ${request.version}`);
    addAll("request", "header", request.headers);
    addAll("request", "trailer", request.trailers);
  }
  for (const { status, statusText, headers } of interim) {
    add("response", "interim", `${status} ${statusText}`);
    addAll("response", "interim", headers);
  }
  if (response !== undefined) {
    add("response", "line", `${response.version} ${response.status} ${response.statusText}`);
    addAll("response", "header", response.headers);
    addAll("response", "trailer", response.trailers);
  }
  return texts;
}

async function messageTexts(exchange: Exchange, read: ReadSide, unsearched: Unsearched): Promise<Text[]> {
  const { messages, notes } = isWebSocket(exchange)
    ? await readSocket(exchange, read, messageLimits)
    : await readCall(exchange, read, undefined, messageLimits);
  if (notes.length > 0) unsearched.incomplete++;
  if (messages.some(({ fault }) => fault !== undefined)) unsearched.undecoded++;
  if (messages.some(({ cut }) => cut !== undefined)) unsearched.long++;
  return messages.map(({ from, text, bytes }, message) => ({
    place: {
      ...{ id: exchange.id, part: "message", message },
      side: from === "client" ? "request" : "response",
    },
    text: text ?? decodeText(bytes ?? new Uint8Array(0), "utf-8"),
  }));
}

async function bodyTexts(
  exchange: Exchange,
  side: Side,
  read: ReadSide,
  unsearched: Unsearched,
): Promise<Text[]> {
  const message = exchange[side];
  if (message === undefined || message.body.size === 0) return [];
  const { headers, body } = message;
  const contents = await contentOf(headers, body, (start, end) => read(side, start, end), unsearched);
  return contents.map(({ start, bytes }) => ({
    place: { id: exchange.id, side, part: "body", ...(start > 0 && { start }) },
    text: textOf(bytes, headers, body),
  }));
}

type ReadBody = (start: number, end: number) => ReturnType<ReadSide>;

interface Stretch {
  start: number;
  bytes: Uint8Array;
}

/** The content: in one, or in the stretches between missing bytes. */
async function contentOf(
  headers: Header[],
  body: Body,
  read: ReadBody,
  unsearched: Unsearched,
): Promise<Stretch[]> {
  if (body.missing.length > 0) unsearched.incomplete++;
  if (body.decoded || codingsOf(headers).length === 0) {
    if (body.size > mostSearched) unsearched.long++;
    return stretches(Math.min(body.size, mostSearched), read);
  }
  const { bytes, stop } = await decodeBody(headers, body, read, limits);
  // Where bytes are missing, that has been said.
  const isExpected = stop?.kind === "cut" && (body.missing.length > 0 || body.end === "in-flight");
  if (stop?.kind === "limit") unsearched.long++;
  else if (stop !== undefined && !isExpected) unsearched.undecoded++;
  return [{ start: 0, bytes }];
}

async function stretches(size: number, read: ReadBody): Promise<Stretch[]> {
  const found: { start: number; end: number; parts: Uint8Array[] }[] = [];
  for (let at = 0; at < size;) {
    const { base64, end, missing } = await read(at, size);
    if (end <= at) break;
    const bytes = Buffer.from(base64, "base64");
    let from = at;
    for (const gap of [...missing, { start: end, end }]) {
      const last = found.at(-1);
      const part = bytes.subarray(from - at, gap.start - at);
      if (last?.end === from) {
        last.parts.push(part);
        last.end = gap.start;
      } else if (part.length > 0) found.push({ start: from, end: gap.start, parts: [part] });
      from = gap.end;
    }
    at = end;
  }
  return found.map(({ start, parts }) => ({ start, bytes: Buffer.concat(parts) }));
}

function textOf(bytes: Uint8Array, headers: Header[], { ranges }: Body): string {
  const type = mediaTypeOf(headers);
  const sample = bytes.subarray(0, sampleSize);
  const kind = kindOf(type, sample);
  const { label, by } = charsetOfBody(sample, type, ranges);
  return decodeText(bytes, by === "assumed" && binary.includes(kind) ? "utf-8" : label);
}
