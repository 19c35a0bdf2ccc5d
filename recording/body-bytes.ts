/** A recorded body's bytes, decoded as they are asked for. */
import type { BodySource, Encoding } from "./body-source.ts";
import type { Bytes } from "./bytes.ts";
import { LongString } from "./json.ts";
import { LongText } from "./long-text.ts";

/** `text`: as it stands in the JSON. */
export function textBody(text: string | LongString, encoding: Encoding, file: Bytes): BodySource {
  if (text instanceof LongString) return new LongText(text, encoding, file);
  return bytesBody(Buffer.from(text, encoding));
}

export function bytesBody(bytes: Buffer): BodySource {
  return {
    size: () => Promise.resolve(bytes.length),
    read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
  };
}
