/** Bodies, read from whoever keeps them: a helper, or another recording. */
import { codingsOf } from "../content/headers.ts";
import { decode } from "../content/node/decode.ts";
import { isWebSocket } from "../content/websocket.ts";
import type { BodyBytes } from "./captured-bytes.ts";
import type { Bodies } from "./har.ts";
import type { Exchange, Missing, Range, Side } from "../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../protocol/rpc.ts";
import { webSocketMessages } from "./web-socket-messages.ts";

/** As `tinytap/body` answers. */
export type ReadBody = (params: BodyParams) => Promise<BodyResult>;

export async function readBodies(read: ReadBody, exchange: Exchange): Promise<Bodies> {
  const [request, response] = await Promise.all([
    readBody(read, exchange, "request"),
    readBody(read, exchange, "response"),
  ]);
  const bodies = { ...(request && { request }), ...(response && { response }) };
  if (!isWebSocket(exchange)) return bodies;
  return { ...bodies, messages: await webSocketMessages(exchange, bodies) };
}

/** Text, mostly, is encoded, and grows by about as much. */
const usualGrowth = 10;

/** Bytes of memory that the bodies take when they are read: as they are held, and as they will be decoded, by a guess. */
export function readSize(exchange: Exchange): number {
  const sizes = (["request", "response"] as const).map((side) => {
    const isEncoded = codingsToDecode(exchange, side).length > 0;
    return heldEnd(exchange, side) * (isEncoded ? usualGrowth : 1);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function readBody(read: ReadBody, exchange: Exchange, side: Side): Promise<BodyBytes | undefined> {
  const body = exchange[side]?.body;
  if (body === undefined) return undefined;
  const held = heldEnd(exchange, side);
  const bytes = Buffer.alloc(held);
  const ranges: Range[] = [];
  const missing: Missing[] = [];
  for (let start = 0; start < held;) {
    const part = await read({ id: exchange.id, side, start, end: held });
    if (part.end <= start) {
      missing.push({ start, end: held, reason: "evicted" }); // the exchange itself is no longer kept
      break;
    }
    bytes.write(part.base64, start, "base64");
    ranges.push(...part.ranges);
    missing.push(...part.missing);
    start = part.end;
  }
  const beyond = body.missing.filter(({ end }) => end > held);
  missing.push(...beyond.map((each) => ({ ...each, start: Math.max(each.start, held) })));
  const last = ranges.at(-1)?.end ?? 0;
  const result: BodyBytes = {
    bytes: bytes.subarray(0, last),
    ranges: joined(ranges, "source"),
    missing: joined(missing, "reason"),
  };
  const codings = codingsToDecode(exchange, side);
  if (codings.length > 0 && last > 0) result.content = await decode(codings, () => beginning(result));
  return result;
}

/** The bytes before the first that is missing. */
async function* beginning({ bytes, missing }: BodyBytes): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, missing[0]?.start);
}

function codingsToDecode(exchange: Exchange, side: Side): string[] {
  const message = exchange[side];
  return message === undefined || message.body.decoded ? [] : codingsOf(message.headers);
}

/** Where the last range of the body ends. */
function heldEnd(exchange: Exchange, side: Side): number {
  return exchange[side]?.body.ranges.at(-1)?.end ?? 0;
}

/** Ranges that one answer ended and the next began. */
function joined<Each extends { start: number; end: number }>(ranges: Each[], same: keyof Each): Each[] {
  const result: Each[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last !== undefined && last.end === range.start && last[same] === range[same]) last.end = range.end;
    else result.push({ ...range });
  }
  return result;
}
