/** One side of a call: its messages as they lie in the body, with their times. */
import { stopText } from "../../protocol/content.ts";
import type { Body, Header } from "../../protocol/exchange.ts";
import type { BodyResult } from "../../protocol/rpc.ts";
import { arrivedAt } from "../arrivals.ts";
import type { Dialect } from "../grpc/dialect.ts";
import { parseGrpc, type GrpcMessage } from "../grpc/messages.ts";
import { decodeWebText } from "../grpc/web-text.ts";
import { codingsOf } from "../headers.ts";
import { bodyBeginning, type Beginning } from "./body-beginning.ts";
import { decodeBody } from "./decode-body.ts";

/** Of a body the first bytes are read: as many. */
const mostBytes = 8 * 1024 * 1024;

export interface FramedCall {
  messages: GrpcMessage[];
  /** When a message came that ends at `end`: as `arrivedAt` says. */
  timeAt(end: number): number | undefined;
  /** Why there may be more. */
  notes: string[];
}

/** Rejects as `read` does. */
export async function readFrames(
  { headers, body }: { headers: readonly Header[]; body: Body },
  dialect: Dialect,
  read: (start: number, end: number) => Promise<BodyResult>,
): Promise<FramedCall> {
  const codings = body.decoded ? [] : codingsOf(headers);
  if (codings.length > 0) {
    const { bytes, stop } = await decodeBody(headers, body, read);
    const notes = stop === undefined ? [] : [`${codings.join(", ")}: ${stopText(stop)}`];
    return framed({ bytes, missing: [] }, dialect, () => undefined, notes);
  }
  const size = Math.min(body.size, mostBytes);
  const notes = size < body.size ? [`read from the first ${mostBytes / 1024 / 1024} MiB only`] : [];
  const beginning = await bodyBeginning(size, read);
  return framed(beginning, dialect, (end) => arrivedAt(body.arrivals, end), notes);
}

function framed(
  beginning: Beginning,
  dialect: Dialect,
  timeAt: FramedCall["timeAt"],
  notes: string[],
): FramedCall {
  if (dialect.isText) return framedText(beginning, dialect, timeAt, notes);
  const { bytes, missing } = beginning;
  if (dialect.endFlag === undefined) {
    const isWhole = missing.length === 0 && notes.length === 0;
    const { length } = bytes;
    const message = { start: 0, end: length, length, bytes, isCompressed: false, isEnd: false, isWhole };
    return { messages: length === 0 ? [] : [message], timeAt, notes };
  }
  const { messages, brokenAt, lostAt } = parseGrpc(bytes, dialect.endFlag, missing);
  const more = [
    ...(brokenAt === undefined ? [] : [`from byte ${brokenAt} on there are no messages`]),
    ...(lostAt === undefined ? [] : [`read up to byte ${lostAt}: where the next message ends is missing`]),
  ];
  return { messages, timeAt, notes: [...notes, ...more] };
}

/** Behind a gap in the text nothing tells how many bytes it stood for. */
function framedText(
  { bytes, missing }: Beginning,
  dialect: Dialect,
  timeAt: FramedCall["timeAt"],
  notes: string[],
): FramedCall {
  const gap = missing[0]?.start;
  const text = decodeWebText(bytes.subarray(0, gap));
  const more = [
    ...(gap === undefined ? [] : [`read up to the first missing byte, ${gap}`]),
    ...(text.brokenAt === undefined ? [] : [`from byte ${text.brokenAt} on it is no base64`]),
  ];
  const inBytes = { bytes: text.bytes, missing: [] };
  const timeOf = (end: number) => timeAt(text.textEnd(end));
  return framed(inBytes, { ...dialect, isText: false }, timeOf, [...notes, ...more]);
}
