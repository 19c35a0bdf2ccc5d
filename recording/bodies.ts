/** Bodies, read from whoever keeps them: a helper, or another recording. */
import type { BodyBytes, Bodies } from "./har.ts";
import type { Exchange, Missing, Range, Side } from "../protocol/exchange.ts";
import type { BodyParams, BodyResult } from "../protocol/rpc.ts";

/** As `tinytap/body` answers. */
export type ReadBody = (params: BodyParams) => Promise<BodyResult>;

export async function readBodies(read: ReadBody, exchange: Exchange): Promise<Bodies> {
  const [request, response] = await Promise.all([
    readBody(read, exchange, "request"),
    readBody(read, exchange, "response"),
  ]);
  return { ...(request && { request }), ...(response && { response }) };
}

/** Bytes that the exchange says are held, both bodies together. */
export function heldBytes(exchange: Exchange): number {
  return heldEnd(exchange, "request") + heldEnd(exchange, "response");
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
  return {
    bytes: bytes.subarray(0, last),
    ranges: joined(ranges, "source"),
    missing: joined(missing, "reason"),
  };
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
