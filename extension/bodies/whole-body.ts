/** A body as one piece, for an editor or the clipboard: text with what is missing named in its place, or bytes. */
import { charsetOfBody, decodeText } from "../../content/charset.ts";
import { codingsOf, mediaTypeOf } from "../../content/headers.ts";
import { kindOf } from "../../content/kind.ts";
import { pictureOf } from "../../content/picture.ts";
import { stopText } from "../../protocol/content.ts";
import type { Body, Header, Missing, Side } from "../../protocol/exchange.ts";
import { sizeText } from "../../protocol/format.ts";
import { gapText, missingBytes } from "../../protocol/reasons.ts";
import type { ExchangeKey } from "../model/run.ts";
import type { Bodies } from "./bodies.ts";

/** In bytes: what is longer is for a file on disk. */
export const wholeLimit = 64 * 1024 * 1024;

/** What of it is there, and why the rest isn't. */
interface Read {
  bytes: Uint8Array;
  missing: Missing[];
  /** Why it ends before its end. */
  cut?: string;
}

export interface WholeBody {
  /** Of a text, in UTF-8. */
  bytes: Uint8Array;
  isText: boolean;
  /** Its media type, by its bytes where they tell it. */
  type: string;
}

/** Rejects with words for a person where there is none: of what is no text all bytes must be there. */
export async function wholeBody(bodies: Bodies, key: ExchangeKey, side: Side): Promise<WholeBody> {
  const { headers, body } = await bodies.message(key, side);
  if (body.size === 0) throw new Error(`The ${side} has no body.`);
  if (body.size > wholeLimit)
    throw new Error(`The body is larger than ${sizeText(wholeLimit)}: “Save Body…” writes it to a file.`);
  const read = await readAll(bodies, key, side, headers, body);
  const type = mediaTypeOf(headers);
  const { bytes, missing, cut } = read;
  const sample = bytes.subarray(0, missing[0]?.start);
  const kind = kindOf(type, sample);
  const isSvg = type.name === "image/svg+xml";
  if (["bytes", "msgpack", "cbor"].includes(kind) || (kind === "image" && !isSvg)) {
    const lost = missingBytes(missing);
    if (lost > 0)
      throw new Error(
        `${sizeText(lost)} of the body are missing: “Save Body…” asks what to put in their place.`,
      );
    if (cut !== undefined) throw new Error(`The body is not all there: ${cut}.`);
    return { bytes, isText: false, type: pictureOf(bytes)?.type ?? type.name };
  }
  const { label } = charsetOfBody(sample, type, body.ranges);
  return { bytes: Buffer.from(textOf(read, label)), isText: true, type: type.name };
}

async function readAll(
  bodies: Bodies,
  key: ExchangeKey,
  side: Side,
  headers: readonly Header[],
  body: Body,
): Promise<Read> {
  if (!body.decoded && codingsOf(headers).length > 0) {
    const { bytes, stop } = await bodies.decode(key, side);
    return { bytes, missing: [], ...(stop && { cut: stopText(stop) }) };
  }
  const parts: Buffer[] = [];
  const missing: Missing[] = [];
  for await (const part of bodies.parts(key, side, 0, body.size)) {
    parts.push(Buffer.from(part.base64, "base64"));
    missing.push(...part.missing);
  }
  return { bytes: Buffer.concat(parts), missing: joined(missing) };
}

/** What is missing is named in its place: nobody can take it for part of the text. */
function textOf({ bytes, missing, cut }: Read, charset: string): string {
  let text = "";
  let at = 0;
  for (const gap of missing) {
    text += `${decodeText(bytes.subarray(at, gap.start), charset)}\n[${gapText(gap)}]\n`;
    at = gap.end;
  }
  text += decodeText(bytes.subarray(at), charset);
  return cut === undefined ? text : `${text}\n[${cut}]\n`;
}

/** One where an answer ended amid it. */
function joined(gaps: readonly Missing[]): Missing[] {
  const all: Missing[] = [];
  for (const gap of gaps) {
    const last = all.at(-1);
    if (last?.end === gap.start && last.reason === gap.reason) last.end = gap.end;
    else all.push({ ...gap });
  }
  return all;
}
