/** A body's text in a HAR: its content, as the format has it, with the codings off and in UTF-8. */
import { isUtf8 } from "node:buffer";
import { charsetOf, decodeText } from "../content/charset.ts";
import { mediaTypeOf } from "../content/headers.ts";
import { hasControls, kindOf, type Kind } from "../content/kind.ts";
import { stopText } from "../protocol/content.ts";
import type { Body, Header } from "../protocol/exchange.ts";
import { BodyText } from "./body-text.ts";
import type { BodyBytes } from "./captured-bytes.ts";

export interface HarText {
  text: BodyText;
  /** Bytes of the content. */
  size: number;
  /** The captured bytes, where `text` isn't simply them. */
  captured?: BodyText;
  /** The content, a text in UTF-8, where all of it is there. */
  whole?: Uint8Array;
  /** What a person should know of it. */
  comment?: string;
}

const textKinds: Kind[] = ["json", "lines", "form", "graphql", "text"];
/** Bytes of a text that is put into UTF-8: beyond, base64 takes less memory. */
const transcodedLimit = 16 * 1024 * 1024;
/** Bytes by which kind and charset are told. */
const sampleSize = 64 * 1024;

/** Undefined where every byte is missing. */
export function harText(headers: Header[], body: Body, read: BodyBytes | undefined): HarText | undefined {
  if (body.size > 0 && (read === undefined || read.ranges.length === 0)) return undefined;
  const captured = read?.bytes ?? new Uint8Array(0);
  const { bytes, stop } = read?.content ?? { bytes: captured };
  const isEncoded = stop !== undefined && (bytes.length === 0 || Buffer.compare(bytes, captured) === 0);
  if (isEncoded)
    return { text: new BodyText(captured), size: body.size, comment: `Not decoded: ${stopText(stop)}` };
  const text = transcoded(headers, bytes);
  const isDecoded = read?.content !== undefined;
  return {
    text: new BodyText(text ?? bytes),
    size: isDecoded ? bytes.length : body.size,
    ...((isDecoded || text !== undefined) && { captured: new BodyText(captured) }),
    ...(stop === undefined && (read?.missing.length ?? 0) === 0 && { whole: text ?? bytes }),
    ...(stop && { comment: `Decoded as far as it goes: ${stopText(stop)}` }),
  };
}

/** A text that isn't UTF-8, in UTF-8; undefined where it is, or is no text. */
function transcoded(headers: Header[], bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > transcodedLimit || isUtf8(bytes)) return undefined;
  const type = mediaTypeOf(headers);
  const sample = bytes.subarray(0, sampleSize);
  if (!textKinds.includes(kindOf(type, sample))) return undefined;
  const { label, by } = charsetOf(sample, type);
  // Of a text that claims UTF-8 and isn't, and of what looks like none, base64 loses nothing.
  if (label === "utf-8" || (by === "assumed" && hasControls(sample))) return undefined;
  return Buffer.from(decodeText(bytes, label));
}
